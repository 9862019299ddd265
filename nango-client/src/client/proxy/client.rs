//! The way to a provider's API.

use http::Method;

use super::request::ProxyRequest;
use crate::client::client::Client;
use crate::connection::ConnectionKey;

/// The way to a provider's API, with the credentials of one connection, which stay at Nango.
///
/// ```no_run
/// # use nango_client::{Client, ConnectionKey, Error};
/// # async fn run(client: Client, key: ConnectionKey, issue: serde_json::Value) -> Result<(), Error> {
/// let github = client.proxy(&key);
/// let created = github.post("/repos/acme/shop/issues").json(&issue).send().await?;
/// let closed = github.patch("/repos/acme/shop/issues/7").json(&serde_json::json!({ "state": "closed" })).send().await?;
/// let locked = github.put("/repos/acme/shop/issues/7/lock").send().await?;
/// let unlocked = github.delete("/repos/acme/shop/issues/7/lock").send().await?;
/// # let _ = (created, closed, locked, unlocked);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProxyClient {
    client: Client,
    key: ConnectionKey,
}

impl Client {
    /// Calls the provider's API with the credentials of a connection. Nango adds them, and
    /// refreshes them when due.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, slack: ConnectionKey) -> Result<(), Error> {
    /// let reply = client.proxy(&slack).get("/conversations.list").query("limit", 20).send().await?;
    /// let channels: serde_json::Value = reply.error_for_status()?.json()?;
    /// println!("{}", channels["channels"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn proxy(&self, key: &ConnectionKey) -> ProxyClient {
        ProxyClient { client: self.clone(), key: key.clone() }
    }
}

impl ProxyClient {
    /// Prepares a `GET`. The path is the provider's, below its API's base address:
    /// `/conversations.list`.
    pub fn get(&self, path: &str) -> ProxyRequest {
        self.request(Method::GET, path)
    }

    /// Prepares a `POST`.
    pub fn post(&self, path: &str) -> ProxyRequest {
        self.request(Method::POST, path)
    }

    /// Prepares a `PUT`.
    pub fn put(&self, path: &str) -> ProxyRequest {
        self.request(Method::PUT, path)
    }

    /// Prepares a `PATCH`.
    pub fn patch(&self, path: &str) -> ProxyRequest {
        self.request(Method::PATCH, path)
    }

    /// Prepares a `DELETE`.
    pub fn delete(&self, path: &str) -> ProxyRequest {
        self.request(Method::DELETE, path)
    }

    /// Prepares a request of any method. The path is sent as it is, percent-encoded where
    /// necessary: `/projects/group%2Fproject` has one segment with a slash.
    ///
    /// Parts that a user can choose belong in the query. `?`, `#` and `\\` are refused in a path,
    /// and so are `.` and `..` between slashes and backslashes, percent-encoded or not: they would
    /// lead to another resource, at the provider or at Nango.
    pub fn request(&self, method: Method, path: &str) -> ProxyRequest {
        ProxyRequest::new(self.client.clone(), self.key.clone(), method, path)
    }
}

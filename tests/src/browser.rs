//! Requests to the routes, as a browser makes them.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::{Reply, http, send};

/// A browser, as the routes see one.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    url: String,
    login: Option<(&'static str, String)>,
}

impl Browser {
    /// Opens one at the address of an app.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { http: http(), url: url.to_owned(), login: None }
    }

    /// Adds the header that logs a user in.
    #[must_use]
    pub fn with_login(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.login = Some((header, value.into()));
        self
    }

    /// Creates a request, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.login {
            Some((header, value)) => request.header(*header, value),
            None => request,
        }
    }

    /// Sends a request.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a reply")]
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        send(request).await.unwrap()
    }

    /// Sends a `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Sends a `POST` with a body.
    pub async fn post(&self, path: &str, body: &str) -> Reply {
        self.send(self.request(Method::POST, path).body(body.to_owned())).await
    }

    /// Returns the token of a new session.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a session")]
    pub async fn session_token(&self, body: &str) -> String {
        let reply = self.post("/nango/session-token", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["sessionToken"].as_str().unwrap().to_owned()
    }

    /// Returns the list of connections below a mount point.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a list")]
    pub async fn connections(&self, mount: &str) -> Vec<Value> {
        let reply = self.get(&format!("{mount}/connections")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json().as_array().unwrap().clone()
    }

    /// Sends a delivery with this signature.
    pub async fn deliver(&self, body: &str, signature: &str) -> Reply {
        let request = self.request(Method::POST, "/nango/webhook").header("x-nango-hmac-sha256", signature);
        self.send(request.body(body.to_owned())).await
    }
}

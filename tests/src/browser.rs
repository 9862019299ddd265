//! Requests to the app, and what comes back.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use sha2::Sha256;

/// A browser, as far as the routes are concerned.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    url: String,
    user: Option<String>,
}

/// A reply, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test says that it is JSON")]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The code of an error.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// What makes requests to this machine, follows no redirect, and does not wait until the system's certificates are read.
#[must_use]
pub fn http() -> reqwest::Client {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).tls_certs_only([]).build();
    http.unwrap_or_default()
}

impl Browser {
    pub(crate) fn new(url: &str, user: Option<&str>) -> Self {
        Self { http: http(), url: url.to_owned(), user: user.map(str::to_owned) }
    }

    /// A request, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.user {
            Some(user) => request.header("x-user", user),
            None => request,
        }
    }

    /// Sends a request.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a reply")]
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap();
        Reply { status, headers, body }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST` with a body.
    pub async fn post(&self, path: &str, body: &str) -> Reply {
        self.send(self.request(Method::POST, path).body(body.to_owned())).await
    }

    /// The token of a new session.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a session")]
    pub async fn session_token(&self, body: &str) -> String {
        let reply = self.post("/nango/session-token", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["sessionToken"].as_str().unwrap().to_owned()
    }

    /// The list of connections below a mount point.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a list")]
    pub async fn connections(&self, mount: &str) -> Vec<Value> {
        let reply = self.get(&format!("{mount}/connections")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json().as_array().unwrap().clone()
    }

    /// A delivery with this signature.
    pub async fn deliver(&self, body: &str, signature: &str) -> Reply {
        let request = self.request(Method::POST, "/nango/webhook").header("x-nango-hmac-sha256", signature);
        self.send(request.body(body.to_owned())).await
    }
}

/// What Nango puts into `X-Nango-Hmac-Sha256`.
#[must_use]
#[expect(clippy::unwrap_used, reason = "HMAC takes keys of any length")]
pub fn sign(key: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

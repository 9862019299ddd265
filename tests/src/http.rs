//! HTTP requests to this machine, and their replies.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::Value;

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
    /// Parses the body as JSON.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test asserts that it is JSON")]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns a header, empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the code of an error.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Returns a client for this machine: it follows no redirect, uses no proxy and does not read the
/// system's certificates, which would take longer than most tests.
#[must_use]
pub fn http() -> reqwest::Client {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).tls_certs_only([]).build();
    http.unwrap_or_default()
}

/// Sends a request and reads its reply to the end.
///
/// # Errors
///
/// When the server hangs up before the end of the reply.
#[expect(clippy::unwrap_used, reason = "every reply of a test is text")]
pub async fn send(request: RequestBuilder) -> reqwest::Result<Reply> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = String::from_utf8(response.bytes().await?.to_vec()).unwrap();
    Ok(Reply { status, headers, body })
}

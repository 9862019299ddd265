//! Calls to providers, made by Nango with a connection's credentials.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;

use super::Client;
use crate::connection::ConnectionRef;
use crate::error::{Error, ErrorKind};

const CONNECTION_ID: HeaderName = HeaderName::from_static("connection-id");
const PROVIDER_CONFIG_KEY: HeaderName = HeaderName::from_static("provider-config-key");
const RETRIES: HeaderName = HeaderName::from_static("retries");

/// Longer bodies are the provider's: Nango has less to say.
const MAX_ENVELOPE: usize = 16 * 1024;

/// A call as a provider shall get it. Headers have the prefix that Nango forwards.
#[derive(Clone)]
pub(crate) struct ProxyCall {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) retries: Option<u32>,
    pub(crate) patience: Option<Duration>,
}

impl Client {
    /// The provider's reply, whatever it says; an error when it is Nango that says something.
    pub(crate) async fn proxy(&self, key: &ConnectionRef, call: ProxyCall) -> Result<Response<Bytes>, Error> {
        let mut url = self.transport.url(&["proxy"])?;
        let path = path(url.path(), &call.path)?;
        url.set_path(&path);
        url.set_query(Some(call.query.as_str()).filter(|query| !query.is_empty()));
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Error::new(ErrorKind::InvalidCall));
        let mut headers = call.headers;
        let mut id = value(key.connection_id())?;
        id.set_sensitive(true);
        headers.insert(CONNECTION_ID, id);
        headers.insert(PROVIDER_CONFIG_KEY, value(key.integration())?);
        if let Some(retries) = call.retries {
            headers.insert(RETRIES, HeaderValue::from(retries));
        }
        let reply = self.transport.exchange(call.method, url, headers, call.body, call.patience).await?;
        match refusal(&reply) {
            Some(error) => Err(error),
            None => Ok(reply),
        }
    }
}

/// The path below `/proxy`, which must stay there: it reaches the provider with somebody's credentials, and beside it is
/// Nango's own API with our key.
fn path(proxy: &str, path: &str) -> Result<String, Error> {
    let path = path.trim_start_matches('/');
    let leads_up = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | "..");
    let strange = |c: char| matches!(c, '\\' | '?' | '#') || c.is_control();
    if path.contains(strange) || path.contains("://") || path.split('/').any(leads_up) {
        return Err(Error::new(ErrorKind::InvalidCall));
    }
    Ok(format!("{}/{path}", proxy.trim_end_matches('/')))
}

#[derive(Deserialize)]
struct Envelope {
    error: Refusal,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    message: String,
}

/// What Nango itself says of a call. Providers' errors come with the same statuses, so it takes Nango's status, code and,
/// where the code is anybody's word, text (observed on 0.71.4).
fn refusal(reply: &Response<Bytes>) -> Option<Error> {
    let status = reply.status();
    if !(status.is_client_error() || status == StatusCode::INTERNAL_SERVER_ERROR)
        || reply.body().len() > MAX_ENVELOPE
    {
        return None;
    }
    let Envelope { error } = serde_json::from_slice(reply.body()).ok()?;
    let kind = match (status.as_u16(), error.code.as_str(), error.message.as_str()) {
        (401, "missing_auth_header" | "invalid_secret_key_format" | "unknown_account", _) => {
            ErrorKind::Unauthorized
        }
        (403, "forbidden", text) if text.starts_with("Insufficient scope. Required") => {
            ErrorKind::Unauthorized
        }
        (429, "too_many_request", _) => ErrorKind::RateLimited,
        (400, "server_error", "Failed to get connection") => ErrorKind::NotFound,
        (400 | 424, "server_error", text) if text.starts_with("Failed to get connection credentials") => {
            ErrorKind::InvalidCredentials
        }
        (424, "connection_refresh_backoff", _) => ErrorKind::InvalidCredentials,
        (404, "unknown_provider_config", _)
        | (400, "invalid_headers" | "unsupported_provider" | "base_url_override_not_allowed", _) => {
            ErrorKind::Refused
        }
        (500, "generic_error_support", _) => ErrorKind::Unavailable,
        _ => return None,
    };
    let wait = reply.headers().get(http::header::RETRY_AFTER);
    let wait = wait.and_then(|wait| wait.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    // One of those above, and so a word of Nango's.
    Some(Error::new(kind).with_code(Some(error.code)).with_retry_after(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_proxy() {
        let below = |text| path("/proxy", text).ok();
        assert_eq!(below("/chat.postMessage").as_deref(), Some("/proxy/chat.postMessage"));
        assert_eq!(below("users/me").as_deref(), Some("/proxy/users/me"));
        assert_eq!(below("///evil.example/x").as_deref(), Some("/proxy/evil.example/x"));
        assert_eq!(below("/a%2Fb/...").as_deref(), Some("/proxy/a%2Fb/..."));
        assert_eq!(below("").as_deref(), Some("/proxy/"));
        for text in [
            "..",
            "/../connections",
            "/a/../../connections",
            "/%2e%2E/connections",
            "/.%2e/connections",
            "/a/.",
            "/..\\connections",
            "/a?x=1",
            "/a#b",
            "https://evil.example/",
            "/a\nb",
            "/a\tb",
            "/\u{0}",
        ] {
            assert_eq!(below(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_nango_says_is_an_error() {
        let said = |status: u16, body: &'static str| {
            let mut reply = Response::new(Bytes::from_static(body.as_bytes()));
            *reply.status_mut() = StatusCode::from_u16(status).unwrap();
            refusal(&reply).map(|error| error.kind())
        };
        let not_found =
            r#"{"error":{"message":"Failed to get connection","code":"server_error","payload":{}}}"#;
        assert_eq!(said(400, not_found), Some(ErrorKind::NotFound));
        let backoff = r#"{"error":{"code":"connection_refresh_backoff"}}"#;
        assert_eq!(said(424, backoff), Some(ErrorKind::InvalidCredentials));
        assert_eq!(said(200, backoff), None);
        for body in [
            "",
            "<html>",
            r#"{"error":"invalid_auth"}"#,
            r#"{"error":{"code":"forbidden"}}"#,
            r#"{"ok":false}"#,
        ] {
            for status in [400, 401, 403, 404, 424, 429, 500] {
                assert_eq!(said(status, body), None, "{status} {body}");
            }
        }
    }
}

//! Nango's own refusals of a proxied call, told apart from the provider's errors.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use crate::error::{Cause, Error, ErrorKind};
use crate::transport::retry_after;

/// Longer bodies are the provider's: Nango's envelopes are shorter.
pub(super) const MAX_ENVELOPE: usize = 16 * 1024;

#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    code: String,
    #[serde(default)]
    message: String,
}

/// Returns the error if the reply is Nango's own. Providers' errors have the same statuses, so that
/// Nango is recognised by status, code and, where other APIs use the same code, message (observed
/// on 0.71.4).
pub(super) fn own_refusal(reply: &Response<Bytes>) -> Option<Error> {
    let status = reply.status();
    if !may_be_nangos(status) || reply.body().len() > MAX_ENVELOPE {
        return None;
    }
    if is_page_of_a_server_without_proxy(reply) {
        return Some(
            Error::new(ErrorKind::Unavailable).with_cause(Cause::NotNango { status: status.as_u16() }),
        );
    }
    let Envelope { error: Body { code, message } } = serde_json::from_slice(reply.body()).ok()?;
    let kind = match (status.as_u16(), code.as_str(), message.as_str()) {
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
    // One of the codes above, and so safe to repeat.
    let scope = Cause::missing_scope(&message);
    Some(Error::new(kind).with_code(code).with_cause(scope).with_retry_after(retry_after(reply.headers())))
}

/// Returns `true` for the statuses that Nango's own refusals have.
pub(super) fn may_be_nangos(status: StatusCode) -> bool {
    status.is_client_error() || status == StatusCode::INTERNAL_SERVER_ERROR
}

/// Returns `true` for the page of a server that does not have the path: an older one, for a method that it
/// does not proxy. The page names the path, which is below `/proxy` at Nango and never at a provider.
fn is_page_of_a_server_without_proxy(reply: &Response<Bytes>) -> bool {
    let page = String::from_utf8_lossy(reply.body());
    let named = page.split_once("<pre>Cannot ").and_then(|(_, rest)| rest.split_once("</pre>"));
    let path = named.and_then(|(named, _)| named.split_once(' ')).map(|(_, path)| path);
    reply.status() == StatusCode::NOT_FOUND && path.is_some_and(|path| path.contains("/proxy/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_names_a_path_below_the_proxy_is_not_the_providers() {
        let kind = |page: &'static str| {
            let mut reply = Response::new(Bytes::from_static(page.as_bytes()));
            *reply.status_mut() = StatusCode::NOT_FOUND;
            own_refusal(&reply).map(|error| error.kind())
        };
        let page = "<!DOCTYPE html><html><body>\n<pre>Cannot REPORT /proxy/calendars</pre>\n</body></html>";
        assert_eq!(kind(page), Some(ErrorKind::Unavailable));
        assert_eq!(kind("<html><pre>Cannot GET /calendars</pre></html>"), None);
        assert_eq!(kind("<html>see /proxy/ for more</html>"), None);
    }

    #[test]
    fn only_nangos_own_refusals_are_errors() {
        let kind = |status: u16, body: &'static str| {
            let mut reply = Response::new(Bytes::from_static(body.as_bytes()));
            *reply.status_mut() = StatusCode::from_u16(status).unwrap();
            own_refusal(&reply).map(|error| error.kind())
        };
        let not_found =
            r#"{"error":{"message":"Failed to get connection","code":"server_error","payload":{}}}"#;
        assert_eq!(kind(400, not_found), Some(ErrorKind::NotFound));
        let backoff = r#"{"error":{"code":"connection_refresh_backoff"}}"#;
        assert_eq!(kind(424, backoff), Some(ErrorKind::InvalidCredentials));
        assert_eq!(kind(200, backoff), None);
        for body in [
            "",
            "<html>",
            r#"{"error":"invalid_auth"}"#,
            r#"{"error":{"code":"forbidden"}}"#,
            r#"{"ok":false}"#,
        ] {
            for status in [400, 401, 403, 404, 424, 429, 500] {
                assert_eq!(kind(status, body), None, "{status} {body}");
            }
        }
    }
}

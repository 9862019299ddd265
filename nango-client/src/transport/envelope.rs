//! The envelopes in which Nango describes a failure.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::rate_limit::retry_after;
use crate::debug::is_word;
use crate::error::{Cause, Error, ErrorKind, InvalidField};

/// A failed call: the error for the caller, and the rest for the resource's own file.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) details: Option<Details>,
}

/// The parts of an envelope that an error does not have. They are unread, since their shapes depend on
/// the code and their depth has no limit.
#[derive(Default)]
pub(crate) struct Details {
    pub(crate) payload: Option<Box<RawValue>>,
    /// The provider's reply to a call that a function made.
    pub(crate) upstream: Option<Box<RawValue>>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, details: None }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// The union of both envelopes (observed on 0.71.4): `message` may be missing, `payload` may be
/// anything, and the parts of a path are texts.
#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Default, Deserialize)]
struct Body {
    code: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    errors: Vec<FieldError>,
    #[serde(default)]
    payload: Option<Box<RawValue>>,
    #[serde(default)]
    upstream: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct FieldError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<String>,
}

/// Nango's text for a field that names an integration which does not exist (observed on 0.71.4).
const UNKNOWN_INTEGRATION: &str = "Integration does not exist";

impl FieldError {
    /// Keeps what is a plain name. An unknown key is not in the path but in the message.
    fn into_field(self) -> InvalidField {
        let mut path: Vec<&str> = self.path.iter().map(String::as_str).filter(|part| is_name(part)).collect();
        let unrecognized =
            self.message.strip_prefix("Unrecognized key: \"").and_then(|key| key.strip_suffix('"'));
        path.extend(unrecognized.filter(|key| is_name(key)));
        let unknown_integration =
            (self.message == UNKNOWN_INTEGRATION).then(|| path.last().copied()).flatten();
        InvalidField {
            unknown_integration: unknown_integration.map(str::to_owned),
            path: path.join("."),
            code: Some(self.code).filter(|code| is_word(code)),
        }
    }
}

/// Returns the id of a request: the payload of an unexpected failure, which is a UUID (observed on 0.71.4), or
/// the header of a gateway.
fn request_id(headers: &HeaderMap, payload: Option<&RawValue>) -> Option<String> {
    let is_id = |text: &String| {
        (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let of_nango = || serde_json::from_str::<String>(payload?.get()).ok();
    let of_gateway = || headers.get("x-request-id")?.to_str().ok().map(str::to_owned);
    of_nango().filter(is_id).or_else(|| of_gateway().filter(is_id))
}

/// Returns `true` for the name or the place of a field, and for ids of integrations.
fn is_name(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

impl Failure {
    /// Reads a failure. The code decides, and the status only where there is no code, since
    /// statuses are irregular.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let envelope = serde_json::from_slice::<Envelope>(body);
        let Body { code, message, errors, payload, upstream } =
            envelope.map(|envelope| envelope.error).unwrap_or_default();
        let kind = match (status.as_u16(), code.as_str()) {
            (429, _) => ErrorKind::RateLimited,
            (_, "invalid_credentials") => ErrorKind::InvalidCredentials,
            (_, "action_script_runtime_error" | "script_internal_error" | "script_http_error") => {
                ErrorKind::ScriptFailed
            }
            (404, "not_found" | "unknown_connection" | "unknown_function") | (400, "unknown_connection") => {
                ErrorKind::NotFound
            }
            // Of the status of syncs.
            (400, "invalid_body") if message.as_deref() == Some("Connection not found") => {
                ErrorKind::NotFound
            }
            (401 | 403, _) => ErrorKind::Unauthorized,
            // A page of a proxy in between, or of a server that does not have the path.
            // rule: gateway
            (_, "") => ErrorKind::Unavailable,
            (400..=499, _) => ErrorKind::Refused,
            _ => ErrorKind::Unavailable,
        };
        let cause = match kind {
            ErrorKind::Unauthorized => message.as_deref().and_then(Cause::missing_scope),
            _ if code.is_empty() && kind != ErrorKind::RateLimited => {
                Some(Cause::NotNango { status: status.as_u16() })
            }
            _ if errors.is_empty() => None,
            _ => Some(Cause::InvalidFields(errors.into_iter().map(FieldError::into_field).collect())),
        };
        let code = is_word(&code).then_some(code);
        let id = request_id(headers, payload.as_deref());
        let error = Error::new(kind)
            .with_code(code)
            .with_cause(cause)
            .with_retry_after(retry_after(headers))
            .with_request_id(id);
        Self { error, details: Some(Details { payload, upstream }) }
    }

    /// Describes a response whose body is too large to be read. Its status decides where it says
    /// that another request may succeed; otherwise the same response would come again.
    pub(super) fn too_large(status: StatusCode, headers: &HeaderMap) -> Self {
        let failure = Self::read(status, headers, &[]);
        let is_decided = status.is_server_error()
            || matches!(failure.error.kind(), ErrorKind::RateLimited | ErrorKind::Unauthorized);
        if is_decided { failure } else { Error::new(ErrorKind::TooLarge).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        Failure::read(status, &HeaderMap::new(), body.as_bytes()).error
    }

    fn kind(status: u16, body: &str) -> ErrorKind {
        read(status, body).kind()
    }

    #[test]
    fn the_code_decides_and_the_status_only_without_one() {
        assert_eq!(kind(404, r#"{"error":{"code":"not_found","message":"x"}}"#), ErrorKind::NotFound);
        assert_eq!(kind(400, r#"{"error":{"code":"unknown_connection"}}"#), ErrorKind::NotFound);
        assert_eq!(
            kind(424, r#"{"error":{"message":"x","code":"invalid_credentials","payload":{}}}"#),
            ErrorKind::InvalidCredentials
        );
        assert_eq!(kind(400, r#"{"error":{"code":"invalid_body","errors":[]}}"#), ErrorKind::Refused);
        assert_eq!(
            kind(500, r#"{"error":{"message":"x","code":"generic_error_support","payload":"id"}}"#),
            ErrorKind::Unavailable
        );
    }

    #[test]
    fn a_response_that_is_not_nangos_proves_nothing_about_a_connection() {
        assert_eq!(kind(404, "<html>Cannot GET /connections</html>"), ErrorKind::Unavailable);
        assert_eq!(kind(404, r#"{"message":"no such route"}"#), ErrorKind::Unavailable);
        assert_eq!(kind(401, "<html>"), ErrorKind::Unauthorized);
    }

    #[test]
    fn a_response_that_is_too_large_is_decided_by_its_status_where_a_retry_may_help() {
        for (status, kind) in [
            (200, ErrorKind::TooLarge),
            (401, ErrorKind::Unauthorized),
            (404, ErrorKind::TooLarge),
            (424, ErrorKind::TooLarge),
            (429, ErrorKind::RateLimited),
            (503, ErrorKind::Unavailable),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Failure::too_large(status, &HeaderMap::new()).error.kind(), kind, "{status}");
        }
    }

    #[test]
    fn texts_of_a_response_are_not_repeated() {
        let error = read(400, r#"{"error":{"code":"Secret c0ffee","message":"c0ffee"}}"#);
        assert_eq!(error.code(), None);
        assert!(!format!("{error} {error:?}").contains("c0ffee"));
    }
}

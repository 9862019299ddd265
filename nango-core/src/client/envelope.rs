//! Nango's two ways to say that something failed.

use std::time::Duration;

use serde::Deserialize;

use super::connections::WireConnection;
use crate::error::{Error, ErrorKind};

/// A failed call: what the caller hears, and what only the resource's own file wants to know.
pub(super) struct Failure {
    pub(super) code: String,
    /// Comes with `invalid_credentials`.
    pub(super) connection: Option<WireConnection>,
    pub(super) error: Error,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: String::new(), connection: None, error }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What both envelopes have in common (observed on 0.71.4): `message` may be missing, `payload` may be anything.
#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    code: String,
    #[serde(default)]
    payload: serde_json::Value,
}

impl Failure {
    /// Reads a failure. Its code says what it is; the status only where there is no code, since statuses are irregular.
    pub(super) fn read(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let envelope = serde_json::from_slice::<Envelope>(body).ok();
        let code = envelope.as_ref().map_or("", |envelope| envelope.error.code.as_str());
        let kind = match (status, code) {
            (429, _) => ErrorKind::RateLimited,
            (_, "invalid_credentials") => ErrorKind::InvalidCredentials,
            (404, "not_found" | "unknown_connection") | (400, "unknown_connection") => ErrorKind::NotFound,
            (401 | 403, _) => ErrorKind::Unauthorized,
            // A page of something in between, or of a server that does not know the path.
            (_, "") => ErrorKind::Unavailable,
            (400..=499, _) => ErrorKind::Refused,
            _ => ErrorKind::Unavailable,
        };
        let code = code_word(code);
        let connection = envelope.and_then(|mut envelope| {
            let connection = envelope.error.payload.get_mut("connection")?.take();
            serde_json::from_value(connection).ok()
        });
        let error = Error::new(kind).with_code(code.clone()).with_retry_after(retry_after);
        Self { code: code.unwrap_or_default(), connection, error }
    }
}

/// Codes are words. Anything else came from somewhere else, and is not repeated.
fn code_word(code: &str) -> Option<String> {
    let is_word = (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    is_word.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> ErrorKind {
        Failure::read(status, None, body.as_bytes()).error.kind()
    }

    #[test]
    fn the_code_counts_and_the_status_only_without_one() {
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
    fn what_is_not_nangos_answer_says_nothing_about_a_connection() {
        assert_eq!(kind(404, "<html>Cannot GET /connections</html>"), ErrorKind::Unavailable);
        assert_eq!(kind(404, r#"{"message":"no such route"}"#), ErrorKind::Unavailable);
        assert_eq!(kind(401, "<html>"), ErrorKind::Unauthorized);
    }

    #[test]
    fn texts_of_an_answer_are_not_repeated() {
        let failure = Failure::read(400, None, br#"{"error":{"code":"Secret c0ffee","message":"c0ffee"}}"#);
        assert!(!format!("{} {:?}", failure.error, failure.error).contains("c0ffee"));
    }
}

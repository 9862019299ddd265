//! Nango's two error envelopes (wire reference 1.2; observed on Nango 0.71.4).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{front::TooEarly, reply};

/// One complaint of a validation, in zod 4's words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Issue {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Always strings: array index 0 is `"0"`.
    pub(crate) path: Vec<String>,
    /// Whether later checks of the enclosing value still run (zod's `continue`).
    #[serde(skip)]
    pub(crate) mild: bool,
}

impl Issue {
    pub(crate) fn new(code: &'static str, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        Self { code, message: message.into(), path, mild: false }
    }

    pub(crate) fn custom(message: impl Into<String>, path: &[&str]) -> Self {
        Self { mild: true, ..Self::new("custom", message, path) }
    }

    /// A text outside a closed set.
    pub(crate) fn one_of(options: &[&str], path: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(|option| format!("\"{option}\"")).collect();
        let message = format!("Invalid option: expected one of {}", options.join("|"));
        Self::new("invalid_value", message, path)
    }

    pub(crate) fn at(mut self, parent: &[String]) -> Self {
        self.path.splice(0..0, parent.iter().cloned());
        self
    }
}

/// An error answer. Turned into a response in one place, so that both envelopes stay exact.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    error: Map<String, Value>,
}

impl Refusal {
    const INVALID_JSON: &str = "invalid_json";

    /// The body is no JSON.
    pub(crate) fn json(message: impl Into<String>) -> Self {
        Self::new(400, Self::INVALID_JSON, message)
    }

    /// `{"error":{"code"}}`.
    pub(crate) fn code(status: u16, code: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, error: Map::from_iter([("code".into(), code.into())]) }
    }

    /// `{"error":{"code","message"}}`.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::code(status, code).with("message", message.into().into())
    }

    /// `{"error":{"code","errors"}}`, status 400 and never a message of its own.
    pub(crate) fn invalid(code: &str, issues: &[Issue]) -> Self {
        Self::code(400, code).with("errors", json!(issues))
    }

    pub(crate) fn body(issues: &[Issue]) -> Self {
        Self::invalid("invalid_body", issues)
    }

    pub(crate) fn query(issues: &[Issue]) -> Self {
        Self::invalid("invalid_query_params", issues)
    }

    /// The older envelope, `{"error":{"message","code","payload"}}`.
    pub(crate) fn legacy(status: u16, code: &str, message: &str, payload: Value) -> Self {
        let mut refusal = Self::code(status, code);
        refusal.error = Map::new();
        refusal.with("message", message.into()).with("code", code.into()).with("payload", payload)
    }

    /// Unhandled, as Nango puts it: `payload` is a plain string.
    pub(crate) fn support(id: &str) -> Self {
        let message = format!("An error occurred. Please contact support with this unique id: \"{id}\"");
        Self::legacy(500, "generic_error_support", &message, id.into())
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.error.insert(key.to_owned(), value);
        self
    }

    /// Nango's error code.
    pub(crate) fn error_code(&self) -> &str {
        self.error.get("code").and_then(Value::as_str).unwrap_or_default()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = reply::json(self.status.as_u16(), &json!({ "error": self.error }));
        if self.error_code() == Self::INVALID_JSON {
            response.extensions_mut().insert(TooEarly);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_order_of_both_envelopes() {
        let text = |refusal: Refusal| json!({ "error": refusal.error }).to_string();
        assert_eq!(
            text(Refusal::legacy(401, "unknown_account", "no", json!({}))),
            r#"{"error":{"message":"no","code":"unknown_account","payload":{}}}"#
        );
        assert_eq!(
            text(Refusal::new(404, "not_found", "Failed")),
            r#"{"error":{"code":"not_found","message":"Failed"}}"#
        );
    }
}

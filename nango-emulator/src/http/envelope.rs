//! Nango's two error envelopes (wire reference 1.2; observed on Nango 0.71.4).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::reply;
use crate::check::Issue;

/// Marks a provider's response, which is passed on without conditions.
#[derive(Clone)]
pub(crate) struct PassedThrough;

/// Marks a reply without a CORS header: Nango sends it before its CORS layer runs, or no page of
/// another origin may read it.
#[derive(Clone)]
pub(crate) struct NoCors;

/// Error reply of the API. One place turns it into a response, so that both envelopes stay exact.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    error: Map<String, Value>,
}

impl ApiError {
    const INVALID_JSON: &str = "invalid_json";
    const CROSS_ORIGIN: &str = "cross_origin";
    const HOST_NOT_ALLOWED: &str = "host_not_allowed";

    /// Creates the error for a request of a web page of another origin.
    pub(crate) fn cross_origin() -> Self {
        let message = "Pages of other origins get no credentials and cannot use published keys. Call \
                       from a server, or allow the page's host with --allow-host NAME \
                       (EmulatorBuilder::allow_host)";
        Self::new(403, Self::CROSS_ORIGIN, message)
    }

    /// Creates the error for a request whose `Host` is not allowed.
    pub(crate) fn host_not_allowed() -> Self {
        let message = "The Host of this request is neither localhost nor an IP address. If the name is \
                       yours, start the emulator with --allow-host NAME (EmulatorBuilder::allow_host)";
        Self::new(403, Self::HOST_NOT_ALLOWED, message)
    }

    /// Creates the error for a body that is not JSON.
    pub(crate) fn json(message: impl Into<String>) -> Self {
        Self::new(400, Self::INVALID_JSON, message)
    }

    /// Creates `{"error":{"code"}}`.
    pub(crate) fn code(status: u16, code: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, error: Map::from_iter([("code".into(), code.into())]) }
    }

    /// Creates `{"error":{"code","message"}}`.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::code(status, code).with("message", message.into().into())
    }

    /// Creates `{"error":{"code","errors"}}` with status 400 and without a message.
    pub(crate) fn invalid(code: &str, issues: &[Issue]) -> Self {
        Self::code(400, code).with("errors", json!(issues))
    }

    pub(crate) fn body(issues: &[Issue]) -> Self {
        Self::invalid("invalid_body", issues)
    }

    pub(crate) fn query(issues: &[Issue]) -> Self {
        Self::invalid("invalid_query_params", issues)
    }

    /// Creates the older envelope, `{"error":{"message","code","payload"}}`.
    pub(crate) fn legacy(status: u16, code: &str, message: &str, payload: Value) -> Self {
        let mut refusal = Self::code(status, code);
        refusal.error = Map::new();
        refusal.with("message", message.into()).with("code", code.into()).with("payload", payload)
    }

    /// Creates the error of older endpoints for an integration that does not exist.
    pub(crate) fn unknown_config() -> Self {
        let message = "There is no Provider Configuration matching this key. Please make sure this value \
                       exists in the Nango dashboard {}";
        Self::legacy(400, "unknown_provider_config", message, json!({}))
    }

    /// Creates Nango's error for an unhandled exception, whose `payload` is a plain string.
    pub(crate) fn support(id: &str) -> Self {
        let message = format!("An error occurred. Please contact support with this unique id: \"{id}\"");
        Self::legacy(500, "generic_error_support", &message, id.into())
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.error.insert(key.to_owned(), value);
        self
    }

    /// Returns Nango's error code.
    pub(crate) fn error_code(&self) -> &str {
        self.error.get("code").and_then(Value::as_str).unwrap_or_default()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = reply::json(self.status.as_u16(), &json!({ "error": self.error }));
        if [Self::INVALID_JSON, Self::CROSS_ORIGIN, Self::HOST_NOT_ALLOWED].contains(&self.error_code()) {
            response.extensions_mut().insert(NoCors);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_order_of_both_envelopes() {
        let text = |refusal: ApiError| json!({ "error": refusal.error }).to_string();
        assert_eq!(
            text(ApiError::legacy(401, "unknown_account", "no", json!({}))),
            r#"{"error":{"message":"no","code":"unknown_account","payload":{}}}"#
        );
        assert_eq!(
            text(ApiError::new(404, "not_found", "Failed")),
            r#"{"error":{"code":"not_found","message":"Failed"}}"#
        );
    }
}

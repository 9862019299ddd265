//! The end of an OAuth2 flow: its error, and the last page of the popup, whose script notifies the
//! window that opened it.

use axum::response::Response;
use serde_json::{Value, json};

use crate::http::reply;
use crate::http::reply::escape;

/// Error of a flow, shown by the popup and sent to the WebSocket.
#[derive(Debug)]
pub(crate) struct FlowError {
    /// The WebSocket's `error_type`.
    pub(crate) ws_type: &'static str,
    /// The webhook's `error.type`; `None` if the flow did not reach the callback.
    pub(crate) webhook_type: Option<&'static str>,
    pub(crate) description: String,
}

impl FlowError {
    /// Creates an error of the time before the redirect to the provider, which sends no webhook.
    pub(crate) fn before_redirect(ws_type: &'static str, description: impl Into<String>) -> Self {
        Self { ws_type, webhook_type: None, description: description.into() }
    }
}

const PAGE: &str = include_str!("../pages/result.html");

pub(crate) fn success_page() -> Response {
    let message = json!({ "type": "nango_oauth_callback_success" });
    render(200, "Connected", "You can close this window.", &message)
}

pub(crate) fn failure_page(text: &str) -> Response {
    let message = json!({
        "type": "nango_oauth_callback_error",
        "payload": { "message": text, "errorType": "connection_validation_failed" },
    });
    render(400, "Not connected", text, &message)
}

fn render(status: u16, title: &str, text: &str, message: &Value) -> Response {
    // Only `<` can end a script element.
    let message = message.to_string().replace('<', "\\u003c");
    let page = PAGE
        .replace("{{state}}", if status == 200 { "ok" } else { "failed" })
        .replace("{{title}}", &escape(title))
        .replace("{{text}}", &escape(text))
        .replace("{{message}}", &message);
    reply::html(status, page)
}

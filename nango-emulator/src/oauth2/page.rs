//! Last page of the popup. Its script notifies the window that opened it.

use axum::response::Response;
use serde_json::{Value, json};

use crate::http::reply::{self, escape};

const PAGE: &str = include_str!("../pages/result.html");

pub(crate) fn success() -> Response {
    let message = json!({ "type": "nango_oauth_callback_success" });
    render(200, "Connected", "You can close this window.", &message)
}

pub(crate) fn failure(text: &str) -> Response {
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

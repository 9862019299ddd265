//! What the popup shows at the end; its script tells the window that opened it.

use axum::response::Response;
use serde_json::{Value, json};

use crate::http::reply;

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
    // In a script element only `<` can end what it should not.
    let message = message.to_string().replace('<', "\\u003c");
    let page = PAGE
        .replace("{{state}}", if status == 200 { "ok" } else { "failed" })
        .replace("{{title}}", &escape(title))
        .replace("{{text}}", &escape(text))
        .replace("{{message}}", &message);
    reply::html(status, page)
}

/// For text and attribute values. Braces go too, so that no text can name a placeholder.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '{' => out.push_str("&#123;"),
            c => out.push(c),
        }
    }
    out
}

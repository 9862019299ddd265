//! Success replies.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::json;
use sha1::{Digest as _, Sha1};

/// Creates a JSON reply with the weak `ETag` that Express adds.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response {
    // Every body is a map with string keys and plain values, which serialize without errors.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let etag = etag(&body);
    let mut response = typed(status, "application/json; charset=utf-8", body);
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// Creates a 204 reply without a body.
pub(crate) fn empty() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Creates an HTML reply.
pub(crate) fn html(status: u16, page: impl Into<Body>) -> Response {
    typed(status, "text/html; charset=utf-8", page)
}

/// Creates a redirect with Express's headers.
pub(crate) fn found(location: &str) -> Response {
    let mut response = typed(302, "text/html; charset=utf-8", Body::empty());
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Creates `{"success":true}`.
pub(crate) fn success() -> Response {
    json(200, &json!({ "success": true }))
}

/// Creates a reply of any content type.
pub(crate) fn typed(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}

/// Escapes text for HTML content and attributes. Escapes `{` too, so that no text forms a
/// placeholder of a page.
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

fn etag(body: &[u8]) -> HeaderValue {
    let tag = format!("W/\"{:x}-{}\"", body.len(), STANDARD_NO_PAD.encode(Sha1::digest(body)));
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_those_of_express() {
        assert_eq!(etag(b"[]"), r#"W/"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w""#);
    }
}

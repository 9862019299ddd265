//! Success answers.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use sha1::{Digest as _, Sha1};

/// A JSON answer with the weak `ETag` that Express adds.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response {
    // Only maps with string keys and plain values come here; an empty body would be seen at once.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let etag = etag(&body);
    let mut response = typed(status, "application/json; charset=utf-8", body);
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// 204 without a body.
pub(crate) fn empty() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// An HTML page.
pub(crate) fn html(status: u16, page: impl Into<Body>) -> Response {
    typed(status, "text/html; charset=utf-8", page)
}

/// A redirect in Express's manner.
pub(crate) fn found(location: &str) -> Response {
    let mut response = typed(302, "text/html; charset=utf-8", Body::empty());
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Any other content type.
pub(crate) fn typed(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
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

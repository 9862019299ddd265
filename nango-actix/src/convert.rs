//! Conversion between `http` 0.2, which Actix Web uses, and `http` 1, byte for byte.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// Converts a request's head. Fails where `http` 1 rejects what `http` 0.2 accepts.
pub(crate) fn head(request: &HttpRequest) -> Result<http::request::Parts, http::Error> {
    let mut head = http::Request::new(()).into_parts().0;
    head.method = http::Method::from_bytes(request.method().as_str().as_bytes())?;
    head.uri = http::Uri::try_from(request.uri().to_string())?;
    for (name, value) in request.headers() {
        let name = http::HeaderName::from_bytes(name.as_ref())?;
        head.headers.append(name, http::HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(head)
}

/// Converts a reply of core.
pub(crate) fn reply(reply: http::Response<Bytes>) -> Result<HttpResponse, actix_web::Error> {
    let (head, body) = reply.into_parts();
    let status = actix_web::http::StatusCode::from_u16(head.status.as_u16());
    let mut reply =
        HttpResponse::with_body(status.map_err(actix_web::error::ErrorInternalServerError)?, body);
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_ref());
        let value = HeaderValue::from_bytes(value.as_bytes());
        reply.headers_mut().append(
            name.map_err(actix_web::error::ErrorInternalServerError)?,
            value.map_err(actix_web::error::ErrorInternalServerError)?,
        );
    }
    Ok(reply.map_into_boxed_body())
}

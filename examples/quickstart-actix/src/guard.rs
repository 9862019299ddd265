//! The cross-origin rule of the app's own routes, on Actix Web.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorBadRequest, ErrorInternalServerError};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, http::header};
use http::request::Parts;

use crate::app::AppState;
use crate::origin;

/// Refuses changes that a page of another site asks for.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !request.method().is_safe() {
        let state = request.app_data::<Data<AppState>>();
        let state = state.ok_or_else(|| ErrorInternalServerError("the app has no state"))?;
        let head = head(&request).map_err(ErrorBadRequest)?;
        if let Err(refusal) = origin::check(&state.nango, &state.allowed_hosts, &head) {
            return Ok(request.into_response(reply(refusal)));
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Converts the head of a request: Actix is on `http` 0.2.
fn head(request: &ServiceRequest) -> Result<Parts, http::Error> {
    let mut head = http::Request::new(()).into_parts().0;
    head.method = http::Method::from_bytes(request.method().as_str().as_bytes())?;
    head.uri = http::Uri::try_from(request.uri().to_string())?;
    for (name, value) in request.headers() {
        let name = http::HeaderName::from_bytes(name.as_ref())?;
        head.headers.append(name, http::HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(head)
}

fn reply(refusal: http::Response<Bytes>) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status().as_u16()).unwrap_or(StatusCode::FORBIDDEN);
    let json = (header::CONTENT_TYPE, "application/json");
    HttpResponse::build(status).insert_header(json).body(refusal.into_body())
}

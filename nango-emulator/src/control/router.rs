//! Routes of the control endpoints. They need no key, since the emulator listens on the developer's
//! own machine, but refuse requests of other origins.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use http::{HeaderMap, header};

use super::{connections, endpoints};
use crate::app::App;
use crate::http::ApiError;
use crate::oauth2::consent;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/deliveries", get(endpoints::deliveries))
        .route("/reset", post(endpoints::reset))
        .route("/webhooks", post(endpoints::webhooks))
        .route("/calls", get(endpoints::held_calls).post(endpoints::calls))
        .route("/calls/release", post(endpoints::release_calls))
        .route("/clear-faults", post(endpoints::clear_faults))
        .route("/revoke", post(connections::revoke))
        .route("/restore", post(connections::restore))
        .route("/expire", post(connections::expire))
        .route("/clock", get(endpoints::clock).post(endpoints::advance))
        .route("/periodic-test", post(endpoints::periodic_test))
        .route("/connections", post(connections::import))
        .route("/signing-key", post(endpoints::rotate))
        .route("/api-keys", post(endpoints::api_key))
        .route("/settings", post(endpoints::settings))
        .route("/provider/{provider}/authorize", get(consent::authorize))
        .route("/provider/{provider}/decision", post(consent::decision))
        .route("/provider/{provider}/token", post(consent::token))
        .route("/provider/{provider}/api", any(consent::api))
        .route("/provider/{provider}/api/{*path}", any(consent::api))
        .layer(middleware::from_fn(same_site))
}

/// Refuses requests of other origins: a web page must not control the emulator of its visitor.
async fn same_site(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return ApiError::new(403, "cross_origin", "Not from another site").into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    text(header::ORIGIN).is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host))
}

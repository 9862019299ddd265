//! Routes of the control endpoints. They need no key, since the emulator listens on the developer's
//! own machine, but refuse requests of other origins.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use axum::{Router, middleware};

use super::{connections, endpoints, functions, sessions};
use crate::app::App;
use crate::http::ApiError;
use crate::oauth2::{consent, echo};

pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/deliveries", get(endpoints::deliveries))
        .route("/reset", post(endpoints::reset))
        .route("/webhooks", post(endpoints::webhooks))
        .route("/calls", get(endpoints::held_calls).post(endpoints::calls))
        .route("/calls/release", post(endpoints::release_calls))
        .route("/clear-faults", post(endpoints::clear_faults))
        .route("/connect", post(sessions::connect))
        .route("/deny", post(sessions::deny))
        .route("/revoke", post(connections::revoke))
        .route("/restore", post(connections::restore))
        .route("/expire", post(connections::expire))
        .route("/account", post(connections::account))
        .route("/clock", get(endpoints::clock).post(endpoints::advance))
        .route("/periodic-test", post(endpoints::periodic_test))
        .route("/connections", post(connections::import))
        .route("/actions", post(functions::actions))
        .route("/functions", post(functions::deploy_functions))
        .route("/functions/behaviour", post(functions::behave))
        .route("/records", get(functions::records).post(functions::change_records))
        .route("/runs/wait", post(functions::wait_for_runs))
        .route("/signing-key", post(endpoints::rotate))
        .route("/api-keys", post(endpoints::api_key))
        .route("/settings", post(endpoints::settings))
        .route("/provider/{provider}/authorize", get(consent::authorize))
        .route("/provider/{provider}/decision", post(consent::decision))
        .route("/provider/{provider}/token", post(consent::token))
        .route("/provider/{provider}/api", any(echo::api))
        .route("/provider/{provider}/api/", any(echo::api))
        .route("/provider/{provider}/api/{*path}", any(echo::api))
        .layer(middleware::from_fn_with_state(app.clone(), same_origin))
}

/// Refuses requests of other origins, also of this machine's: a web page must not control the
/// emulator of its visitor. The consent page is the emulator's own.
async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.origins.is_cross_origin(request.headers()) {
        return ApiError::cross_origin().into_response();
    }
    next.run(request).await
}

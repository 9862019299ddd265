//! The app: its state, its routes, and what holds for all of them.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use nango_core::{Nango, routes};
use sqlx::PgPool;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::pages::{self, ConnectUrl};
use crate::sessions::PostgresSessions;
use crate::users::User;
use crate::{health, login, sync_runs};

/// The time after which an unused login ends.
const LOGIN_ENDS_AFTER: Duration = Duration::days(7);

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) nango: Nango,
    pub(crate) pool: PgPool,
    pub(crate) connect_url: ConnectUrl,
}

impl FromRef<AppState> for PgPool {
    fn from_ref(state: &AppState) -> Self {
        state.pool.clone()
    }
}

impl FromRef<AppState> for ConnectUrl {
    fn from_ref(state: &AppState) -> Self {
        state.connect_url.clone()
    }
}

/// Returns all routes. `has_tls` says whether browsers reach the app over TLS.
pub(crate) fn router(state: AppState, has_tls: bool) -> Router {
    let nango = state.nango.clone();
    let sessions = SessionManagerLayer::new(PostgresSessions(state.pool.clone()))
        // The prefix makes browsers refuse a cookie of this name that another host sets.
        .with_name(if has_tls { "__Host-session" } else { "session" })
        .with_secure(has_tls)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(LOGIN_ENDS_AFTER));
    Router::new()
        .route("/", get(pages::home))
        .route("/me", get(pages::me))
        .route("/sync-runs", get(sync_runs::list))
        .route("/login", get(pages::login).post(login::log_in))
        .route("/logout", post(login::log_out))
        // Nango's routes have this rule already, and its webhooks come from no page.
        .route_layer(from_fn_with_state(state.clone(), same_origin))
        .nest("/nango", nango_axum::router::<User, _>(nango))
        .layer(sessions)
        // Without a session:
        .route("/assets/app.js", get(pages::script))
        .route("/assets/style.css", get(pages::style))
        .route("/healthz", get(health::health))
        .with_state(state)
}

/// Refuses forms of other sites: a browser sends its cookies with them.
async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match routes::check_origin(&state.nango, &head) {
        Err(refusal) if !head.method.is_safe() => refusal.map(Body::from),
        _ => next.run(Request::from_parts(head, body)).await,
    }
}

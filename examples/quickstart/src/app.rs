//! The app: its state and its routes.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use nango_core::Nango;
use url::Url;

use crate::inbox::Inbox;
use crate::models::{Organization, User};
use crate::origin;
use crate::page;
use crate::session;
use crate::sessions::Sessions;
use crate::web::{ConnectUi, Offer};

#[derive(Clone)]
pub struct AppState {
    pub nango: Nango,
    /// Signs the session cookies.
    pub key: Key,
    pub sessions: Arc<Sessions>,
    pub allowed_hosts: Arc<[String]>,
    pub offers: Arc<Vec<Offer>>,
    pub connect: Arc<ConnectUi>,
    /// The guarded callback, if one is.
    pub callback: Option<Url>,
    pub inbox: Inbox,
}

impl FromRef<AppState> for Key {
    fn from_ref(state: &AppState) -> Self {
        state.key.clone()
    }
}

pub fn app(state: AppState) -> Router {
    let nango = state.nango.clone();
    Router::new()
        .route("/", get(page::home))
        .route("/me", get(page::me))
        .route("/assets/{name}", get(page::asset))
        .route("/events", get(page::events::<User>))
        .route("/org/events", get(page::events::<Organization>))
        .route("/slack/channels", get(page::channels::<User>))
        .route("/slack/channels/{handle}", get(page::channels::<User>))
        .route("/org/slack/channels/{handle}", get(page::channels::<Organization>))
        .route("/login", get(|| async { Redirect::to("/") }).post(session::log_in))
        .route("/logout", post(session::log_out))
        // Nango's routes have this rule already, and its webhooks come from no page.
        .route_layer(from_fn_with_state(state.clone(), same_origin))
        .nest("/nango", nango_axum::router::<User, _>(nango.clone()))
        .nest("/org/nango", nango_axum::owner_routes::<Organization, _>(nango))
        .with_state(state)
}

/// Refuses changes that a page of another site asks for.
async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match origin::check(&state.nango, &state.allowed_hosts, &head) {
        Err(refusal) if !head.method.is_safe() => refusal.map(Body::from),
        _ => next.run(Request::from_parts(head, body)).await,
    }
}

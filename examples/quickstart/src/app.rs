//! The app: its state and its routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use nango_core::Nango;

use crate::models::{Organization, User};
use crate::page;
use crate::session;
use crate::slack;
use crate::web::{ConnectUi, Offer};

#[derive(Clone)]
pub struct AppState {
    pub nango: Nango,
    /// Signs the session cookies.
    pub key: Key,
    pub offers: Arc<Vec<Offer>>,
    pub connect: Arc<ConnectUi>,
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
        .route("/slack/channels", get(slack::channels))
        .route("/login", get(|| async { Redirect::to("/") }).post(session::log_in))
        .route("/logout", post(session::log_out))
        .nest("/nango", nango_axum::router::<User, _>(nango.clone()))
        .nest("/org/nango", nango_axum::owner_routes::<Organization, _>(nango))
        .with_state(state)
}

//! The pages and their assets, on Axum.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use nango_core::TagMapper;
use serde_json::Value;

use crate::app::AppState;
use crate::events;
use crate::models::User;
use crate::origin;
use crate::session::NotLoggedIn;
use crate::slack;
use crate::web;

pub async fn home(
    State(state): State<AppState>,
    headers: HeaderMap,
    user: Result<User, NotLoggedIn>,
) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if let Some(page) = origin::page_of_callback(state.callback.as_ref(), host) {
        return Redirect::temporary(&page).into_response();
    }
    let page = if user.is_ok() { web::home() } else { web::login() };
    (web::headers(&state.connect), Html(page)).into_response()
}

pub fn unknown_user(state: &AppState) -> Response {
    (StatusCode::UNAUTHORIZED, web::headers(&state.connect), Html(web::unknown_user())).into_response()
}

pub async fn asset(Path(name): Path<String>) -> Response {
    let Some((kind, text)) = web::asset(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}

pub async fn me(State(state): State<AppState>, user: User) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], Json(web::me(&user, &state.offers, &state.connect)))
}

/// Answers with the handled events of the logged-in user, or of the user's organisation.
pub async fn events<O: TagMapper>(State(state): State<AppState>, owner: O) -> Response {
    let (status, body) = events::list(&state.inbox, &owner).await;
    json(status, body)
}

/// Answers with the Slack channels of the logged-in user, or of the user's organisation.
pub async fn channels<O: TagMapper>(
    State(state): State<AppState>,
    handle: Option<Path<String>>,
    owner: O,
) -> Response {
    let handle = handle.as_deref().map(String::as_str);
    let (status, body) = slack::channels(&state.nango, &owner, handle).await;
    json(status, body)
}

/// Makes a reply of what a user may read: it is not for caches.
fn json(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

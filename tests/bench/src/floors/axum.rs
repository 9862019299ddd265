//! The floor on Axum.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;

use super::nango::Session;
use super::{Delivered, Floor, Row};
use crate::plan::Counts;

pub(crate) fn router(floor: Arc<Floor>) -> Router {
    Router::new()
        .route("/nango/webhook", post(webhook).layer(DefaultBodyLimit::max(1024 * 1024)))
        .route("/nango/session-token", post(session_token))
        .route("/nango/connections", get(connections))
        .route("/counts", get(counts))
        .with_state(floor)
}

/// A user, logged in by a header.
struct User(String);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
        id.map(|id| Self(id.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn webhook(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-nango-hmac-sha256").map(HeaderValue::as_bytes);
    match floor.deliver(signature, &body).await {
        Delivered::Done => StatusCode::OK,
        Delivered::BadSignature => StatusCode::UNAUTHORIZED,
        Delivered::Failed => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn session_token(
    State(floor): State<Arc<Floor>>,
    User(user): User,
) -> Result<Json<Session>, StatusCode> {
    floor.session(&user).await.map(Json).map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn connections(
    State(floor): State<Arc<Floor>>,
    User(user): User,
) -> Result<Json<Vec<Row>>, StatusCode> {
    floor.list(&user).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn counts(State(floor): State<Arc<Floor>>) -> Json<Counts> {
    Json(floor.counts())
}

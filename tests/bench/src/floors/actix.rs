//! The floor on Actix.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::{ErrorBadGateway, ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::web::{Bytes, Data, Json, PayloadConfig, ServiceConfig, get, post, resource};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::nango::Session;
use super::{Delivered, Floor, Row};
use crate::plan::Counts;

pub(crate) fn routes(floor: Arc<Floor>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let webhook = resource("/nango/webhook").app_data(PayloadConfig::new(1024 * 1024));
        config
            .app_data(Data::from(floor))
            .service(webhook.route(post().to(self::webhook)))
            .route("/nango/session-token", post().to(session_token))
            .route("/nango/connections", get().to(connections))
            .route("/counts", get().to(counts));
    }
}

/// A user, logged in by a header.
struct User(String);

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.headers().get("x-user").and_then(|id| id.to_str().ok());
        ready(id.map(|id| Self(id.to_owned())).ok_or_else(|| ErrorUnauthorized("log in first")))
    }
}

async fn webhook(floor: Data<Floor>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let signature = request.headers().get("x-nango-hmac-sha256").map(HeaderValue::as_bytes);
    HttpResponse::new(match floor.deliver(signature, &body).await {
        Delivered::Done => StatusCode::OK,
        Delivered::BadSignature => StatusCode::UNAUTHORIZED,
        Delivered::Failed => StatusCode::SERVICE_UNAVAILABLE,
    })
}

async fn session_token(floor: Data<Floor>, User(user): User) -> actix_web::Result<Json<Session>> {
    floor.session(&user).await.map(Json).map_err(|_| ErrorBadGateway("nango is unavailable"))
}

async fn connections(floor: Data<Floor>, User(user): User) -> actix_web::Result<Json<Vec<Row>>> {
    floor.list(&user).await.map(Json).map_err(|_| ErrorServiceUnavailable("the database is unavailable"))
}

async fn counts(floor: Data<Floor>) -> Json<Counts> {
    Json(floor.counts())
}

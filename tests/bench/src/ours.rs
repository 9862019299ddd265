//! The app that uses the crates of the workspace.

use std::future::{Ready, ready};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::{FromRequest, HttpRequest};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use nango_core::{ConnectionStore, MemoryStore, Nango, SigningKeys, TagMapper};
use nango_sqlx::{PostgresStore, SqliteStore};

use crate::outcome::Outcome;
use crate::plan::{Counts, Fill, INTEGRATION, Store, Upstream};
use crate::rows;

/// A user, logged in by a header.
#[derive(TagMapper)]
pub(crate) struct User {
    #[nango(id)]
    pub(crate) id: String,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
        id.map(|id| Self { id: id.to_owned() }).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.headers().get("x-user").and_then(|id| id.to_str().ok());
        ready(id.map(|id| Self { id: id.to_owned() }).ok_or_else(|| ErrorUnauthorized("log in first")))
    }
}

/// Opens a store, and fills one in memory.
pub(crate) async fn store(store: &Store, fill: Option<Fill>) -> Outcome<Arc<dyn ConnectionStore>> {
    Ok(match store {
        Store::Memory => {
            let memory = MemoryStore::new();
            if let Some(fill) = fill {
                rows::insert_all(&memory, fill).await?;
            }
            Arc::new(memory)
        }
        Store::Postgres(url) => Arc::new(PostgresStore::connect(url).await?),
        Store::Sqlite(url) => Arc::new(SqliteStore::connect(url).await?),
    })
}

/// Builds the handle. Without looks its budget is one a minute.
pub(crate) fn nango(upstream: &Upstream, store: Arc<dyn ConnectionStore>, looks: bool) -> Outcome<Nango> {
    let keys = SigningKeys::new([&*upstream.signing_key])?;
    let nango = Nango::builder(&*upstream.secret_key, keys, store)
        .host(&upstream.url)
        .allowed_integrations([INTEGRATION])
        .entity::<User>()
        .session_rate_limit(NonZeroU32::MAX, NonZeroU32::MAX)
        .look_share(if looks { 0.5 } else { 0.005 });
    Ok(nango.build()?)
}

pub(crate) fn router(nango: Nango) -> Router {
    let counted = nango.clone();
    Router::new()
        .nest("/nango", nango_axum::router::<User, _>(nango))
        .route("/counts", get(async move || Json(counts(&counted))))
}

pub(crate) fn counts(nango: &Nango) -> Counts {
    let counters = nango.counters();
    Counts { deliveries: counters.deliveries, looks: counters.deliveries.saturating_sub(counters.marked) }
}

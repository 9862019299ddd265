//! Runs of syncs, of which Nango has sent an event. A real app reads the records of the run instead.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use nango_core::SyncEvent;
use serde::Serialize;
use sqlx::PgPool;

use crate::users::User;

/// The most rows that are listed.
const LIMIT: i64 = 20;

/// A run, as the page shows it.
#[derive(Serialize)]
struct SyncRun {
    integration: String,
    model: Option<String>,
    added: i64,
}

/// Keeps a run. An event that is handled twice has one row.
pub(crate) async fn insert(pool: &PgPool, key: &str, user: i64, event: &SyncEvent) -> sqlx::Result<()> {
    let added = event.counts.as_ref().map_or(0, |counts| i64::try_from(counts.added).unwrap_or(i64::MAX));
    // The user may have gone meanwhile, and nothing is left to keep then.
    let insert = "INSERT INTO sync_runs (event_key, user_id, integration, model, added) \
                  SELECT $1, id, $3, $4, $5 FROM users WHERE id = $2 ON CONFLICT DO NOTHING";
    let insert = sqlx::query(insert).bind(key).bind(user).bind(event.connection.integration());
    insert.bind(&event.model).bind(added).execute(pool).await?;
    Ok(())
}

/// `GET /sync-runs`: the newest runs of the user, the latest first.
pub(crate) async fn list(State(pool): State<PgPool>, user: User) -> Result<impl IntoResponse, StatusCode> {
    let select = "SELECT integration, model, added FROM sync_runs WHERE user_id = $1 \
                  ORDER BY handled_at DESC, event_key LIMIT $2";
    let rows = sqlx::query_as(select).bind(user.id).bind(LIMIT).fetch_all(&pool).await;
    let rows: Vec<(String, Option<String>, i64)> = rows.map_err(|error| {
        tracing::error!("cannot list runs of syncs: {error}");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    let run = |(integration, model, added)| SyncRun { integration, model, added };
    Ok(([(CACHE_CONTROL, "no-store")], Json(rows.into_iter().map(run).collect::<Vec<_>>())))
}

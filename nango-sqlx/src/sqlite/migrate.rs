//! Bringing the tables up to date.

use std::time::{Duration, Instant};

use nango_core::StoreError;
use sqlx::raw_sql;
use sqlx::sqlite::SqlitePool;

use super::{PATIENCE, code};
use crate::shared::{Schema, store_error};

const PAUSE: Duration = Duration::from_millis(20);

/// Tries again while the database is locked: turning WAL on needs it exclusively and does not wait for it.
pub(super) async fn patiently<T, F>(open: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let began = Instant::now();
    loop {
        match open().await {
            Err(error) if is_locked(&error) && began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            result => return result.map_err(store_error),
        }
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(code);
    // BUSY and LOCKED
    code.is_some_and(|code| matches!(code, 5 | 6))
}

/// Runs what has not run yet. Who comes second waits, and finds it done.
pub(super) async fn run(pool: SqlitePool, schema: Schema) -> Result<(), sqlx::Error> {
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(&pool).await;
    if applied.is_ok_and(|applied| schema.is_complete(applied)) {
        return Ok(());
    }
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    raw_sql(schema.prepare().text()).execute(&mut *transaction).await?;
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(&mut *transaction).await?;
    for statement in schema.after(applied) {
        raw_sql(statement.text()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

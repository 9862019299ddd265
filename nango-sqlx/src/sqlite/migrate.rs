//! Bringing the tables up to date.

use std::time::{Duration, Instant};

use nango_core::StoreError;
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, raw_sql};

use super::PATIENCE;
use crate::dialect::Dialect;
use crate::error::store_error;
use crate::schema::{self, MIGRATIONS};

const PAUSE: Duration = Duration::from_millis(20);

/// Tries again while the database is locked: turning WAL on needs it exclusively and does not wait for it.
pub(super) async fn patiently<T, F>(open: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let began = Instant::now();
    loop {
        match open().await {
            Err(error) if locked(&error) && began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            result => return result.map_err(store_error),
        }
    }
}

fn locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<i32> = code.and_then(|code| code.parse().ok());
    // BUSY and LOCKED, with whatever detail.
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Runs what has not run yet. Who comes second waits, and finds it done.
pub(super) async fn run(pool: SqlitePool, prefix: &'static str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let create = schema::create_applied(Dialect::Sqlite, prefix);
    raw_sql(AssertSqlSafe(create)).execute(&mut *transaction).await?;
    let last = Dialect::Sqlite.render("SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations", prefix);
    let last: i64 = sqlx::query_scalar(AssertSqlSafe(last)).fetch_one(&mut *transaction).await?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > last) {
        let sql = migration.sql(Dialect::Sqlite, prefix);
        raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
        let applied = Dialect::Sqlite.render("INSERT INTO {prefix}migrations (version) VALUES ($1)", prefix);
        sqlx::query(AssertSqlSafe(applied)).bind(migration.version).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

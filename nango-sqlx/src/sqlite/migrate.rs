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
    if !schema.is_behind(applied)? {
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

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;
    use crate::shared::{Dialect, MIGRATIONS, Migration};

    const SECOND: &str = "ALTER TABLE {prefix}connections ADD COLUMN note {bytes};\n\
         INSERT INTO {prefix}migrations (version) VALUES (2);\n";
    const BROKEN: &str = "ALTER TABLE {prefix}connections ADD COLUMN note {bytes};\nNOT SQL;\n";

    fn schema(second: Option<&'static str>) -> Schema {
        let first = MIGRATIONS.iter().take(1).cloned();
        let second = second.map(|template| Migration::new(2, template));
        Schema::new(Dialect::Sqlite, "nango_", first.chain(second).collect::<Vec<_>>().leak())
    }

    async fn first_version() -> SqlitePool {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        run(pool.clone(), schema(None)).await.unwrap();
        raw_sql(
            "INSERT INTO nango_connections (integration, connection_id, version, removed, announced, details) \
             VALUES ('slack', 'c', 7, 0, 1, '{}')",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool
    }

    async fn notes(pool: &SqlitePool) -> Result<Vec<Option<String>>, sqlx::Error> {
        sqlx::query_scalar("SELECT note FROM nango_connections").fetch_all(pool).await
    }

    #[tokio::test]
    async fn a_newer_version_keeps_the_rows_and_lets_the_older_one_start() {
        let pool = first_version().await;
        for _ in 0..2 {
            run(pool.clone(), schema(Some(SECOND))).await.unwrap();
            assert_eq!(notes(&pool).await.unwrap(), [None]);
        }
        run(pool.clone(), schema(None)).await.unwrap();
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing() {
        let pool = first_version().await;
        run(pool.clone(), schema(Some(BROKEN))).await.unwrap_err();
        notes(&pool).await.unwrap_err();
        run(pool.clone(), schema(Some(SECOND))).await.unwrap();
        assert_eq!(notes(&pool).await.unwrap(), [None]);
    }
}

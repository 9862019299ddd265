//! Bringing the tables up to date.

use sqlx::postgres::PgPool;
use sqlx::raw_sql;

use crate::shared::Schema;

/// Any number that others are unlikely to lock.
const LOCK: i64 = 0x6e61_6e67_6f73_716c;

/// Runs what has not run yet, in one transaction. Who comes second waits, and finds it done.
pub(super) async fn run(pool: &PgPool, schema: &Schema) -> Result<(), sqlx::Error> {
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(pool).await;
    if !schema.is_behind(applied)? {
        return Ok(());
    }
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    raw_sql(schema.prepare().text()).execute(&mut *transaction).await?;
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(&mut *transaction).await?;
    for statement in schema.after(applied) {
        raw_sql(statement.text()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

//! Migration of the tables.

use sqlx::postgres::PgPool;
use sqlx::raw_sql;

use crate::shared::Schema;

/// A number that no other application is likely to lock.
const LOCK: i64 = 0x6e61_6e67_6f73_716c;

/// Applies missing migrations in one transaction. A concurrent call waits, and finds them applied.
pub(super) async fn run(pool: &PgPool, schema: &Schema) -> sqlx::Result<()> {
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

//! Migration of the tables.

use sqlx::postgres::{PgConnection, PgPool};
use sqlx::raw_sql;

use crate::shared::transaction::TransactionConnection;
use crate::shared::{Schema, Sql};

/// A number that no other application is likely to lock.
const LOCK: i64 = 0x6e61_6e67_6f73_716c;

/// Applies missing migrations in one transaction. A concurrent call waits, and finds them applied.
pub(super) async fn run(pool: &PgPool, schema: &Schema) -> sqlx::Result<()> {
    let mut connection = TransactionConnection::acquire(pool).await?;
    let mut transaction = connection.begin("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let migrated = migrate(&mut transaction, schema).await;
    transaction.end(migrated).await
}

/// No statement has a name, and the lock ends with the transaction: a pooler may give the next
/// transaction another connection.
async fn migrate(connection: &mut PgConnection, schema: &Schema) -> sqlx::Result<()> {
    if !schema.is_behind(applied(connection, schema).await?) {
        return Ok(());
    }
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).persistent(false);
    lock.execute(&mut *connection).await?;
    // Another instance may have applied some meanwhile.
    let applied = applied(connection, schema).await?;
    for statement in schema.after(applied) {
        raw_sql(statement.text()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The version of the last applied migration, zero if there is none.
async fn applied(connection: &mut PgConnection, schema: &Schema) -> sqlx::Result<i64> {
    let number = async |connection: &mut PgConnection, sql: Sql| -> sqlx::Result<i64> {
        sqlx::query_scalar(sql.text()).persistent(false).fetch_one(connection).await
    };
    match number(connection, schema.exists()).await? {
        0 => Ok(0),
        _ => number(connection, schema.applied()).await,
    }
}

//! Migration of the tables.

use std::io;

use nango_core::StoreCause;
use sqlx::mysql::{MySqlConnection, MySqlPool};
use sqlx::raw_sql;

use super::dialect::is_already_migrated;
use crate::shared::{Schema, Sql};

/// The name contains the database's, since locks belong to the server.
pub(super) const LOCK: &str = "SELECT GET_LOCK(CONCAT('nango ', MD5(CONCAT(DATABASE(), '.', ?))), 60)";

/// Applies missing migrations. A concurrent call waits, and finds them applied.
pub(super) async fn run(pool: &MySqlPool, schema: &Schema, prefix: &str) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    if !schema.is_behind(applied(&mut connection, schema).await?) {
        return Ok(());
    }
    // Ends the lock, also where this function returns early or its future is dropped.
    connection.close_on_drop();
    let locked: Option<i64> = sqlx::query_scalar(LOCK).bind(prefix).fetch_one(&mut *connection).await?;
    if locked != Some(1) {
        let cause = StoreCause::new("another instance has been migrating for a minute");
        return Err(io::Error::new(io::ErrorKind::TimedOut, cause).into());
    }
    migrate(&mut connection, schema).await
}

/// MySQL commits after every table: an earlier call that was interrupted leaves some, and this one
/// adds the rest.
async fn migrate(connection: &mut MySqlConnection, schema: &Schema) -> sqlx::Result<()> {
    let applied = applied(connection, schema).await?;
    for statement in schema.after(applied) {
        match raw_sql(statement.text()).execute(&mut *connection).await {
            Err(error) if !is_already_migrated(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The version of the last applied migration, zero if there is none.
async fn applied(connection: &mut MySqlConnection, schema: &Schema) -> sqlx::Result<i64> {
    let number = async |connection: &mut MySqlConnection, sql: Sql| -> sqlx::Result<i64> {
        sqlx::query_scalar(sql.text()).fetch_one(connection).await
    };
    match number(connection, schema.exists()).await? {
        0 => Ok(0),
        _ => number(connection, schema.applied()).await,
    }
}

//! Bringing the tables up to date.

use sqlx::mysql::{MySqlConnection, MySqlPool};
use sqlx::raw_sql;

use super::{DUPLICATE, number};
use crate::shared::Schema;

/// The lock's name: of the server's, not of the database's.
const LOCK: &str = "CONCAT('nango ', MD5(CONCAT(DATABASE(), '.', ?)))";

/// Runs what has not run yet. Who comes second waits, and finds it done.
pub(super) async fn run(pool: &MySqlPool, schema: &Schema, prefix: &str) -> Result<(), sqlx::Error> {
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(pool).await;
    if !schema.is_behind(applied)? {
        return Ok(());
    }
    let mut connection = pool.acquire().await?;
    // The lock ends with the connection, whatever happens.
    connection.close_on_drop();
    let locked: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT GET_LOCK({LOCK}, 60)")))
        .bind(prefix)
        .fetch_one(&mut *connection)
        .await?;
    if locked != Some(1) {
        return Err(sqlx::Error::PoolTimedOut);
    }
    migrate(&mut connection, schema).await
}

async fn migrate(connection: &mut MySqlConnection, schema: &Schema) -> Result<(), sqlx::Error> {
    raw_sql(schema.prepare().text()).execute(&mut *connection).await?;
    let applied = sqlx::query_scalar(schema.applied().text()).fetch_one(&mut *connection).await?;
    for statement in schema.after(applied) {
        match raw_sql(statement.text()).execute(&mut *connection).await {
            Err(error) if is_there(&error) => {}
            done => {
                done?;
            }
        }
    }
    Ok(())
}

/// MySQL commits with every table. Who dies in between leaves a part, and the next one goes on from there.
fn is_there(error: &sqlx::Error) -> bool {
    // Table exists, duplicate column, duplicate index
    number(error).is_some_and(|number| matches!(number, 1050 | 1060 | 1061 | DUPLICATE))
}

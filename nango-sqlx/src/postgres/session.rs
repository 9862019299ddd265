//! Statements on a pool, also through a pooler that gives each transaction another connection.

use sqlx::postgres::{PgArguments, PgPool, PgRow, Postgres};
use sqlx::query::Query;

use crate::shared::transaction::TransactionConnection;

/// A statement with its parameters.
pub(super) type Statement = Query<'static, Postgres, PgArguments>;

/// A pool, and what stands between it and the server.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) pool: PgPool,
    /// sqlx parses a statement and binds it in two requests, and a pooler may send them to two
    /// connections of the server, unless they are in a transaction. A named statement would stay on
    /// one of them, where another client may use the same name.
    pub(super) pools_transactions: bool,
}

impl Session {
    pub(super) async fn fetch_all(&self, statement: Statement) -> sqlx::Result<Vec<PgRow>> {
        if !self.pools_transactions {
            return statement.fetch_all(&self.pool).await;
        }
        let mut connection = TransactionConnection::acquire(&self.pool).await?;
        let mut transaction = connection.begin("BEGIN").await?;
        let rows = statement.persistent(false).fetch_all(&mut *transaction).await;
        transaction.end(rows).await
    }

    /// Returns the number of affected rows.
    pub(super) async fn execute(&self, statement: Statement) -> sqlx::Result<u64> {
        let done = if self.pools_transactions {
            let mut connection = TransactionConnection::acquire(&self.pool).await?;
            let mut transaction = connection.begin("BEGIN").await?;
            let done = statement.persistent(false).execute(&mut *transaction).await;
            transaction.end(done).await?
        } else {
            statement.execute(&self.pool).await?
        };
        Ok(done.rows_affected())
    }
}

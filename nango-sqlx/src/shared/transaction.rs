//! Transactions whose end does not depend on the future that runs them.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Database, Pool, SqlStr};

/// A connection of a pool, for a transaction.
///
/// sqlx returns a connection to its pool when a future is dropped that waits for the reply to
/// `BEGIN`, without a rollback. Writes of later calls would be in that transaction, and would not be
/// committed. This one is closed instead, unless its transaction has ended.
pub(crate) struct TransactionConnection<DB: Database> {
    connection: PoolConnection<DB>,
    is_over: bool,
}

/// A transaction, which [`end`](Self::end) ends.
pub(crate) struct Transaction<'c, DB: Database> {
    transaction: sqlx::Transaction<'c, DB>,
    is_over: &'c mut bool,
}

impl<DB: Database> TransactionConnection<DB> {
    pub(crate) async fn acquire(pool: &Pool<DB>) -> sqlx::Result<Self> {
        Ok(Self { connection: pool.acquire().await?, is_over: false })
    }

    pub(crate) async fn begin(&mut self, sql: &'static str) -> sqlx::Result<Transaction<'_, DB>> {
        let transaction = self.connection.begin_with(SqlStr::from_static(sql)).await?;
        Ok(Transaction { transaction, is_over: &mut self.is_over })
    }
}

impl<DB: Database> Transaction<'_, DB> {
    /// Commits what has succeeded, and rolls back what has failed.
    pub(crate) async fn end<T>(self, result: sqlx::Result<T>) -> sqlx::Result<T> {
        match result {
            Ok(value) => {
                self.transaction.commit().await?;
                *self.is_over = true;
                Ok(value)
            }
            Err(error) => {
                *self.is_over = self.transaction.rollback().await.is_ok();
                Err(error)
            }
        }
    }
}

impl<DB: Database> Deref for Transaction<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.transaction
    }
}

impl<DB: Database> DerefMut for Transaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.transaction
    }
}

impl<DB: Database> Drop for TransactionConnection<DB> {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}

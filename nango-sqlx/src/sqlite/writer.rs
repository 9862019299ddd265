//! The one writer that SQLite allows at a time.

use std::sync::Arc;

use nango_core::{Applied, Change};
use sqlx::Transaction;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteExecutor, SqlitePool};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::dialect::is_unavailable;
use super::inserts::{Insertions, ROWS};
use super::query::query;
use crate::shared::operations::applied;
use crate::shared::{Sql, Statements, Tables, Value};

pub(super) struct Writer {
    pub(super) pool: SqlitePool,
    pub(super) statements: Statements,
    insertions: Insertions,
    /// Waiters for SQLite's own lock poll it and hold a connection each. Here they wait in order
    /// and hold none.
    lock: Semaphore,
}

/// The right to write.
pub(super) struct LockedWriter<'w> {
    writer: &'w Writer,
    _permit: SemaphorePermit<'w>,
}

/// One write: a change of a connection, or a statement.
#[derive(Clone)]
pub(super) enum Write {
    Change(Change),
    Statement(Sql, Vec<Value<'static>>),
}

/// What can be written in one statement.
pub(super) trait ToStatement {
    /// `None` for what is stale already.
    fn to_statement(&self, statements: &Statements) -> Option<(Sql, Vec<Value<'_>>)>;
}

impl ToStatement for Change {
    fn to_statement(&self, statements: &Statements) -> Option<(Sql, Vec<Value<'_>>)> {
        statements.change(self).map(|(sql, values)| (sql.clone(), values))
    }
}

impl ToStatement for Write {
    fn to_statement(&self, statements: &Statements) -> Option<(Sql, Vec<Value<'_>>)> {
        match self {
            Self::Change(change) => change.to_statement(statements),
            Self::Statement(sql, values) => Some((sql.clone(), values.clone())),
        }
    }
}

/// The result of one write. Several changes can share a failure.
pub(super) type Written = Result<Applied, Arc<sqlx::Error>>;

impl Writer {
    pub(super) fn new(pool: SqlitePool, tables: &Tables) -> Self {
        let (statements, insertions) = (Statements::new(tables), Insertions::new(tables));
        Self { pool, statements, insertions, lock: Semaphore::new(1) }
    }

    pub(super) async fn lock(&self) -> sqlx::Result<LockedWriter<'_>> {
        let permit = self.lock.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(LockedWriter { writer: self, _permit: permit })
    }

    pub(super) fn try_lock(&self) -> Option<LockedWriter<'_>> {
        Some(LockedWriter { writer: self, _permit: self.lock.try_acquire().ok()? })
    }

    async fn write(&self, write: &impl ToStatement, to: impl SqliteExecutor<'_>) -> sqlx::Result<Applied> {
        let Some((sql, values)) = write.to_statement(&self.statements) else { return Ok(Applied::Stale) };
        Ok(applied(query(&sql, values).execute(to).await?.rows_affected()))
    }
}

impl LockedWriter<'_> {
    pub(super) fn pool(&self) -> &SqlitePool {
        &self.writer.pool
    }

    /// Writes once.
    pub(super) async fn apply(&self, change: &impl ToStatement) -> sqlx::Result<Applied> {
        self.writer.write(change, &self.writer.pool).await
    }

    /// Applies writes in their order and in one transaction, so that they share one wait for the disk. If one of them
    /// fails, each gets a transaction of its own, so that it fails alone.
    pub(super) async fn apply_all<'c, W: ToStatement + 'c>(
        &self,
        writes: impl ExactSizeIterator<Item = &'c W> + Clone,
    ) -> Vec<Written> {
        let together = self.apply_together(writes.clone()).await;
        self.or_each(together, writes).await
    }

    /// Applies changes of different rows like [`apply_all`](Self::apply_all), in any order.
    pub(super) async fn apply_batch(&self, changes: &[Change]) -> Vec<Written> {
        let together = self.apply_batch_together(changes).await;
        self.or_each(together, changes.iter()).await
    }

    async fn or_each<'c, W: ToStatement + 'c>(
        &self,
        together: sqlx::Result<Vec<Applied>>,
        writes: impl ExactSizeIterator<Item = &'c W>,
    ) -> Vec<Written> {
        match together {
            Ok(applied) => applied.into_iter().map(Ok).collect(),
            Err(error) if is_unavailable(&error) => vec![Err(Arc::new(error)); writes.len()],
            Err(_) => self.apply_each(writes).await,
        }
    }

    async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.pool.begin_with("BEGIN IMMEDIATE").await
    }

    async fn apply_together<'c, W: ToStatement + 'c>(
        &self,
        writes: impl Iterator<Item = &'c W>,
    ) -> sqlx::Result<Vec<Applied>> {
        let mut transaction = self.begin().await?;
        let mut written = Vec::new();
        for write in writes {
            match self.writer.write(write, &mut *transaction).await {
                Ok(applied) => written.push(applied),
                Err(error) => return end(transaction, Err(error)).await,
            }
        }
        end(transaction, Ok(written)).await
    }

    async fn apply_batch_together(&self, changes: &[Change]) -> sqlx::Result<Vec<Applied>> {
        let mut transaction = self.begin().await?;
        let written = self.write_batch(changes, &mut transaction).await;
        end(transaction, written).await
    }

    /// Writes new rows many at a time. Other changes are a statement each: most are a few among many rows that agree.
    async fn write_batch(
        &self,
        changes: &[Change],
        connection: &mut SqliteConnection,
    ) -> sqlx::Result<Vec<Applied>> {
        let mut written = vec![Applied::Stale; changes.len()];
        let (new, rest): (Vec<_>, Vec<_>) = changes
            .iter()
            .zip(&mut written)
            .partition(|(change, _)| change.expected().is_none() && change.next().is_some());
        let (mut new, mut rest) = (new, rest);
        let whole = new.len() - new.len() % ROWS;
        rest.extend(new.drain(whole..));
        for rows in new.chunks_mut(ROWS) {
            self.writer.insertions.write(rows, connection).await?;
        }
        for (change, outcome) in rest {
            *outcome = self.writer.write(change, &mut *connection).await?;
        }
        Ok(written)
    }

    async fn apply_each<'c, W: ToStatement + 'c>(
        &self,
        changes: impl ExactSizeIterator<Item = &'c W>,
    ) -> Vec<Written> {
        let total = changes.len();
        let mut written = Vec::with_capacity(total);
        for change in changes {
            match self.apply(change).await {
                // The changes behind it would wait as long, and fail in the same way.
                Err(error) if is_unavailable(&error) => {
                    written.resize(total, Err(Arc::new(error)));
                    break;
                }
                result => written.push(result.map_err(Arc::new)),
            }
        }
        written
    }
}

/// Commits what was written, or rolls it back.
async fn end<T>(mut transaction: Transaction<'_, Sqlite>, written: sqlx::Result<T>) -> sqlx::Result<T> {
    if written.is_ok() {
        transaction.commit().await?;
    } else {
        // A full disk or a trigger can have ended the transaction. sqlx does not notice
        // and could never begin another on this connection, so there has to be one for
        // its rollback.
        let _ = sqlx::raw_sql("BEGIN").execute(&mut *transaction).await;
        let _ = transaction.rollback().await;
    }
    written
}

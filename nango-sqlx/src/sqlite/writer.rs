//! One writer at a time, which is all that SQLite has, and one wait for the disk for all who wait.
//!
//! Whoever finds the file free writes at once. Who comes meanwhile queues, and what is in the queue is written in one
//! transaction. Each change in it is a statement for itself, which finds what those before it have left, and all are told
//! when it is committed. If one of them cannot be written, each gets a transaction of its own, so that it fails alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nango_core::{Applied, Change, StoreError};
use sqlx::sqlite::{SqliteExecutor, SqlitePool};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::statement;
use crate::shared::{MANY, Statements, applied, is_unavailable, shared_error, store_error};

pub(super) struct Writer {
    pool: SqlitePool,
    sql: Arc<Statements>,
    /// Who writes. Those who wait for SQLite's own lock poll it and hold a connection each; here they stand in line.
    turn: Semaphore,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether a task is there that writes what waits.
    served: bool,
}

struct Waiting {
    change: Change,
    tell: oneshot::Sender<Written>,
}

/// A failure may be that of many changes.
pub(super) type Written = Result<Applied, Arc<sqlx::Error>>;

impl Writer {
    pub(super) fn new(pool: SqlitePool, sql: Arc<Statements>) -> Arc<Self> {
        Arc::new(Self { pool, sql, turn: Semaphore::new(1), queue: Mutex::default() })
    }

    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, sqlx::Error> {
        self.turn.acquire().await.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Writes one change, alone or with those of others.
    pub(super) async fn write(self: &Arc<Self>, change: &Change) -> Result<Applied, StoreError> {
        if let Ok(_turn) = self.turn.try_acquire() {
            return self.one(change, &self.pool).await.map_err(store_error);
        }
        let (tell, told) = oneshot::channel();
        self.push(Waiting { change: change.clone(), tell });
        match told.await {
            Ok(Ok(applied)) => Ok(applied),
            Ok(Err(error)) => Err(shared_error(error)),
            // The runtime of whoever served us has ended.
            Err(_) => Err(store_error(sqlx::Error::WorkerCrashed)),
        }
    }

    /// Writes many in one transaction, which spares a wait for the disk with each. The caller has the turn. Within the
    /// transaction a statement is a call into the same process: taking rows out of one long JSON text measured slower.
    pub(super) async fn all<'c>(
        &self,
        changes: impl ExactSizeIterator<Item = &'c Change> + Clone,
    ) -> Vec<Written> {
        match self.together(changes.clone()).await {
            Ok(applied) => applied.into_iter().map(Ok).collect(),
            Err(error) if is_unavailable(&error) => vec![Err(Arc::new(error)); changes.len()],
            Err(_) => self.each(changes).await,
        }
    }

    /// Writes many, each in a transaction of its own.
    async fn each<'c>(&self, changes: impl ExactSizeIterator<Item = &'c Change>) -> Vec<Written> {
        let all = changes.len();
        let mut written = Vec::with_capacity(all);
        for change in changes {
            match self.one(change, &self.pool).await {
                // Those behind it would only wait as long, and in vain.
                Err(error) if is_unavailable(&error) => {
                    written.resize(all, Err(Arc::new(error)));
                    break;
                }
                one => written.push(one.map_err(Arc::new)),
            }
        }
        written
    }

    async fn together<'c>(
        &self,
        changes: impl Iterator<Item = &'c Change>,
    ) -> Result<Vec<Applied>, sqlx::Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut written = Vec::new();
        for change in changes {
            match self.one(change, &mut *transaction).await {
                Ok(applied) => written.push(applied),
                Err(error) => {
                    // A full disk or a trigger can have ended the transaction. sqlx does not see it, and would never begin
                    // another on this connection: it has to find one to roll back.
                    let _ = sqlx::raw_sql("BEGIN").execute(&mut *transaction).await;
                    let _ = transaction.rollback().await;
                    return Err(error);
                }
            }
        }
        transaction.commit().await?;
        Ok(written)
    }

    async fn one(&self, change: &Change, to: impl SqliteExecutor<'_>) -> Result<Applied, sqlx::Error> {
        let Some(statement) = statement(&self.sql, change) else { return Ok(Applied::Stale) };
        Ok(applied(statement.execute(to).await?.rows_affected()))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No change of the queue can be cut in two.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, waiting: Waiting) {
        let is_served = {
            let mut queue = self.queue();
            queue.waiting.push(waiting);
            std::mem::replace(&mut queue.served, true)
        };
        if !is_served {
            // Not in the task of one of those who wait: they may stop waiting, and take nobody else's change with them. The
            // queue is not locked: a runtime that ends drops the task at once, and so in here.
            tokio::spawn(Serving { writer: Arc::clone(self), done: false }.serve());
        }
    }
}

/// Writes what waits, until nothing does.
struct Serving {
    writer: Arc<Writer>,
    done: bool,
}

impl Serving {
    async fn serve(mut self) {
        let writer = Arc::clone(&self.writer);
        loop {
            // Who comes while this waits for its turn is served with the others.
            let turn = writer.turn().await;
            let Some(waiting) = self.take() else { return };
            let written = match turn {
                Ok(_) => writer.all(waiting.iter().map(|one| &one.change)).await,
                Err(error) => vec![Err(Arc::new(error)); waiting.len()],
            };
            for (one, written) in waiting.into_iter().zip(written) {
                // Whoever does not wait any more need not know.
                let _ = one.tell.send(written);
            }
        }
    }

    fn take(&mut self) -> Option<Vec<Waiting>> {
        let mut queue = self.writer.queue();
        if queue.waiting.is_empty() {
            queue.served = false;
            self.done = true;
            return None;
        }
        let many = queue.waiting.len().min(MANY);
        Some(queue.waiting.drain(..many).collect())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // With its runtime: whoever comes next starts another, and those who wait in a runtime that goes on are told.
        if !self.done {
            let unserved = {
                let mut queue = self.writer.queue();
                queue.served = false;
                std::mem::take(&mut queue.waiting)
            };
            drop(unserved);
        }
    }
}

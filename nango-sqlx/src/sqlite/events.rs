//! The queue of events.

use std::sync::Arc;
use std::time::Duration;

use nango_core::{Applied, Claim, StoreError};
use serde_json::json;
use sqlx::Row as _;
use tokio::sync::Notify;

use super::dialect::{DIALECT, retry_while_locked};
use super::migrate;
use super::query::query;
use super::store::SqliteStore;
use super::writer::Write;
use crate::options::Options;
use crate::shared::check::check_tables;
use crate::shared::error::{attempt, explain};
use crate::shared::events::{EventBackend, EventRow, EventStatements, event_row, work_queue};
use crate::shared::operations::explained;
use crate::shared::schema::EVENT_MIGRATIONS;
use crate::shared::{Backend as _, Schema, Sql, Tables, Value};

/// Keeps events in a SQLite database until they are handled: that of a [`SqliteStore`], or one of its own.
///
/// Several processes on one machine may share the file, the web processes and the workers. An event is
/// durable once it is pushed, with `synchronous = FULL`; events that are pushed at the same time share one
/// wait for the disk, also with changes of connections. Times are this machine's. Its table is called
/// `nango_events_queue`, or with the prefix of the [`Options`]. Clones share all.
///
/// ```
/// # async fn example(folder: &std::path::Path) -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::SqliteEventQueue;
///
/// # let url = format!("sqlite://{}/app.db", folder.display());
/// # let url = &url;
/// # let _ = stringify!(
/// let url = "sqlite://app.db";
/// # );
/// let queue = SqliteEventQueue::connect(url).await?;
/// # let _ = queue;
/// # Ok(())
/// # }
/// # let folder = tempfile::tempdir().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(example(folder.path())).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteEventQueue {
    store: SqliteStore,
    statements: EventStatements,
    is_due: Sql,
    done: Sql,
    renew: Sql,
    lease: Duration,
    pushed: Arc<Notify>,
}

impl SqliteEventQueue {
    /// Opens a database as [`SqliteStore::connect`] does, and migrates the queue's table, too.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Opens a database like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::connect_with`].
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        SqliteStore::connect_with(url, options).await?.event_queue(options).await
    }

    /// Sets the time for which a claim holds without being renewed: an event whose worker has ended is
    /// handled again after it. At least a second; the default is 30.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), nango_core::StoreError> {
    /// use std::time::Duration;
    ///
    /// use nango_sqlx::SqliteEventQueue;
    ///
    /// let queue = SqliteEventQueue::connect("sqlite://app.db").await?.lease(Duration::from_secs(60));
    /// # let _ = queue;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(Duration::from_secs(1));
        self
    }
}

impl SqliteStore {
    /// Creates a queue of events in the same database, and migrates its table unless the options say not to.
    ///
    /// # Errors
    ///
    /// If the table cannot be migrated, or is missing and [`Options::migrate`] is off.
    pub async fn event_queue(&self, options: &Options) -> Result<SqliteEventQueue, StoreError> {
        let tables = Tables::new(&DIALECT, &options.checked_event_prefix()?);
        let schema = Schema::new(&tables, EVENT_MIGRATIONS);
        if !options.migrates() {
            check_tables(self, &schema).await?;
        } else if let Err(error) = retry_while_locked(|| migrate::run(self.writing(), &schema)).await {
            return Err(explain(attempt::MIGRATE, self.pool(), error).await);
        }
        Ok(SqliteEventQueue {
            store: self.clone(),
            statements: EventStatements::new(&tables),
            is_due: tables.sql("SELECT EXISTS (SELECT 1 FROM {prefix}queue WHERE due <= {now})"),
            // One statement, since each is handed to another thread and back.
            done: tables.sql(
                "DELETE FROM {prefix}queue WHERE (key, claim) IN \
                 (SELECT value ->> 0, value ->> 1 FROM json_each($1))",
            ),
            renew: tables.sql("UPDATE {prefix}queue SET due = {now} + $1 WHERE key = $2 AND claim = $3"),
            lease: Duration::from_secs(30),
            pushed: Arc::default(),
        })
    }
}

work_queue!(SqliteEventQueue);

impl EventBackend for SqliteEventQueue {
    type Store = SqliteStore;

    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn events(&self) -> &EventStatements {
        &self.statements
    }

    fn lease(&self) -> Duration {
        self.lease
    }

    async fn claim_events(&self, values: Vec<Value<'_>>) -> sqlx::Result<Vec<EventRow>> {
        // A reader needs no lock: an empty queue keeps no writer waiting.
        let is_due = query(&self.is_due, Vec::new()).fetch_one(self.store.pool()).await?;
        if !is_due.try_get::<bool, _>(0)? {
            return Ok(Vec::new());
        }
        let writer = self.store.queue.writer.lock().await?;
        let rows = query(&self.statements.claim, values).fetch_all(writer.pool()).await?;
        rows.iter().map(event_row).collect()
    }

    async fn fetch_events(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<Vec<EventRow>> {
        let rows = query(sql, values).fetch_all(self.store.pool()).await?;
        rows.iter().map(event_row).collect()
    }

    async fn fetch_depth(&self) -> sqlx::Result<[i64; 3]> {
        let row = query(&self.statements.depth, Vec::new()).fetch_one(self.store.pool()).await?;
        Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?])
    }

    async fn insert(&self, key: &str, event: String) -> Result<(), StoreError> {
        let values = vec![Value::Text(key.to_owned()), Value::Text(event)];
        let pushed = self.store.queue.apply(Write::Statement(self.statements.push.clone(), values)).await;
        explained(&self.store, attempt::PUSH, pushed).await.map(drop)
    }

    async fn erase(&self, claims: &[&Claim]) -> Result<(), StoreError> {
        let claims: Vec<_> = claims.iter().map(|claim| json!([claim.key, claim.token])).collect();
        let values = vec![Value::Text(json!(claims).to_string())];
        let erased = self.store.queue.apply(Write::Statement(self.done.clone(), values)).await;
        explained(&self.store, attempt::SETTLE, erased).await.map(drop)
    }

    async fn renew_all(&self, claims: &[Claim], lease: Value<'static>) -> Result<Vec<bool>, StoreError> {
        let renew = |claim: &Claim| {
            let values =
                vec![lease.clone(), Value::Text(claim.key.clone()), Value::Text(claim.token.clone())];
            Write::Statement(self.renew.clone(), values)
        };
        let renewals: Vec<_> = claims.iter().map(renew).collect();
        let renewed: Result<Vec<_>, _> = match self.store.queue.writer.lock().await {
            Ok(writer) => writer.apply_all(renewals.iter()).await.into_iter().collect(),
            Err(error) => Err(Arc::new(error)),
        };
        let renewed = explained(&self.store, attempt::CLAIM, renewed).await?;
        Ok(renewed.into_iter().map(|applied| applied == Applied::Done).collect())
    }
}

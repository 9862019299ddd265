//! The queue of events.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use nango_core::{Claim, StoreError};
use sqlx::Row as _;
use tokio::sync::Notify;

use super::dialect::{DIALECT, is_serialization_conflict};
use super::migrate;
use super::store::{PostgresStore, query};
use crate::options::Options;
use crate::shared::batch::retry_conflicts;
use crate::shared::check::check_tables;
use crate::shared::error::{attempt, explain};
use crate::shared::events::{EventBackend, EventRow, EventStatements, event_row, work_queue};
use crate::shared::operations::explained;
use crate::shared::schema::EVENT_MIGRATIONS;
use crate::shared::{Backend as _, Schema, Sql, Tables, Value};

/// Keeps events in a PostgreSQL database until they are handled: that of a [`PostgresStore`].
///
/// Any number of processes on any number of machines may share it, the web processes and the workers. Times
/// are the server's. Its table is called `nango_events_queue`, or with the prefix of the [`Options`]. Works
/// behind a pooler with [`Options::transaction_pooling`]. Clones share all.
///
/// ```no_run
/// # async fn example() -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::{Options, PostgresStore};
///
/// let store = PostgresStore::connect("postgres://app@localhost/app").await?;
/// let queue = store.event_queue(&Options::new()).await?;
/// # let _ = queue;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresEventQueue {
    store: PostgresStore,
    statements: EventStatements,
    erase: Sql,
    renew: Sql,
    lease: Duration,
    pushed: Arc<Notify>,
}

impl PostgresEventQueue {
    /// Connects to a database as [`PostgresStore::connect`] does, and migrates the queue's table, too.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Connects like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::connect_with`].
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        PostgresStore::connect_with(url, options).await?.event_queue(options).await
    }

    /// Sets the time for which a claim holds without being renewed: an event whose worker has ended is
    /// handled again after it. At least a second; the default is 30.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), nango_core::StoreError> {
    /// use std::time::Duration;
    ///
    /// use nango_sqlx::PostgresEventQueue;
    ///
    /// let queue = PostgresEventQueue::connect("postgres://app@localhost/app").await?.lease(Duration::from_secs(60));
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

impl PostgresStore {
    /// Creates a queue of events in the same database, and migrates its table unless the options say not to.
    ///
    /// # Errors
    ///
    /// If the table cannot be migrated, or is missing and [`Options::migrate`] is off.
    pub async fn event_queue(&self, options: &Options) -> Result<PostgresEventQueue, StoreError> {
        let tables = Tables::new(&DIALECT, &options.checked_event_prefix()?);
        let schema = Schema::new(&tables, EVENT_MIGRATIONS);
        if !options.migrates() {
            check_tables(self, &schema).await?;
        } else if let Err(error) = migrate::run(self.pool(), &schema).await {
            return Err(explain(attempt::MIGRATE, self.pool(), error).await);
        }
        Ok(PostgresEventQueue {
            store: self.clone(),
            statements: EventStatements::new(&tables),
            erase: tables.sql(
                "DELETE FROM {prefix}queue AS q USING UNNEST($1::TEXT[], $2::TEXT[]) AS d (key, claim) \
                 WHERE q.key = d.key AND q.claim = d.claim",
            ),
            renew: tables.sql(
                "UPDATE {prefix}queue AS q SET due = {now} + $1 \
                 FROM UNNEST($2::TEXT[], $3::TEXT[]) AS h (key, claim) \
                 WHERE q.key = h.key AND q.claim = h.claim RETURNING q.key, q.claim",
            ),
            lease: Duration::from_secs(30),
            pushed: Arc::default(),
        })
    }
}

work_queue!(PostgresEventQueue);

impl EventBackend for PostgresEventQueue {
    type Store = PostgresStore;

    fn store(&self) -> &PostgresStore {
        &self.store
    }

    fn events(&self) -> &EventStatements {
        &self.statements
    }

    fn lease(&self) -> Duration {
        self.lease
    }

    async fn claim_events(&self, values: Vec<Value<'_>>) -> sqlx::Result<Vec<EventRow>> {
        // Workers that claim at the same time conflict where transactions are serializable by default.
        let attempt = || self.fetch_events(&self.statements.claim, values.clone());
        retry_conflicts(is_serialization_conflict, attempt).await
    }

    async fn fetch_events(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<Vec<EventRow>> {
        let rows = self.store.session.fetch_all(query(sql, values)).await?;
        rows.iter().map(event_row).collect()
    }

    async fn fetch_depth(&self) -> sqlx::Result<[i64; 3]> {
        let rows = self.store.session.fetch_all(query(&self.statements.depth, Vec::new())).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?])
    }

    async fn insert(&self, key: &str, event: String) -> Result<(), StoreError> {
        let values = vec![Value::bytes(key), Value::Text(event)];
        let pushed = self.store.write(&self.statements.push, values).await;
        explained(&self.store, attempt::PUSH, pushed).await.map(drop)
    }

    async fn renew_all(&self, claims: &[Claim], lease: Value<'static>) -> Result<Vec<bool>, StoreError> {
        let keys: Vec<String> = claims.iter().map(|claim| claim.key.clone()).collect();
        let tokens: Vec<String> = claims.iter().map(|claim| claim.token.clone()).collect();
        let attempt = || {
            let renew = query(&self.renew, vec![lease.clone()]).bind(keys.clone()).bind(tokens.clone());
            self.store.session.fetch_all(renew)
        };
        let renewed = retry_conflicts(is_serialization_conflict, attempt).await;
        let renewed = explained(&self.store, attempt::CLAIM, renewed).await?;
        let held = renewed.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let renewed: sqlx::Result<HashSet<(String, String)>> = held.collect();
        let renewed = explained(&self.store, attempt::CLAIM, renewed).await?;
        let id = |claim: &Claim| (claim.key.clone(), claim.token.clone());
        Ok(claims.iter().map(|claim| renewed.contains(&id(claim))).collect())
    }

    async fn erase(&self, claims: &[&Claim]) -> Result<(), StoreError> {
        let keys: Vec<String> = claims.iter().map(|claim| claim.key.clone()).collect();
        let tokens: Vec<String> = claims.iter().map(|claim| claim.token.clone()).collect();
        let attempt = || {
            let erase = sqlx::query(self.erase.text()).bind(keys.clone()).bind(tokens.clone());
            self.store.session.execute(erase)
        };
        let erased = retry_conflicts(is_serialization_conflict, attempt).await;
        explained(&self.store, attempt::SETTLE, erased).await.map(drop)
    }
}

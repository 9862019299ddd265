//! The store.

use std::str::FromStr;
use std::sync::Arc;

use nango_core::{Applied, Change, ConnectionKey, Record, StoreError, StoreErrorKind};
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::dialect::{DIALECT, LOCK_TIMEOUT, retry_while_locked, store_error};
use super::migrate;
use super::queue::WriteQueue;
use super::writer::{Writer, query};
use crate::options::Options;
use crate::shared::row::json_keys;
use crate::shared::{Backend, MIGRATIONS, Schema, Sql, Statements, Tables, Value, connection_store, record};

/// Stores connections in a SQLite database, for apps that run on one machine.
///
/// A call that applies one change is one statement, one that applies many is one transaction.
/// Changes that arrive during a write share the next transaction, and so one wait for the disk.
/// Several processes may share the file.
///
/// ```
/// # async fn example(folder: &std::path::Path) -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::SqliteStore;
///
/// # let _ = stringify!(
/// let store = SqliteStore::connect("sqlite://app.db").await?;
/// # );
/// # let store = SqliteStore::connect(&format!("sqlite://{}/app.db", folder.display())).await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// # let folder = tempfile::tempdir().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(example(folder.path())).unwrap();
/// ```
pub struct SqliteStore {
    queue: Arc<WriteQueue>,
    fetch_many: Sql,
}

impl SqliteStore {
    /// Opens a database, creates the file if it is missing, and migrates the tables.
    ///
    /// The URL is `sqlite://app.db` for a file in the working directory, `sqlite:///var/lib/app.db`
    /// for one elsewhere, `sqlite::memory:` for a database that ends with the store. The database
    /// is put in WAL mode with `synchronous = FULL`: a change that
    /// [`apply`](nango_core::ConnectionStore::apply) has reported as done survives a loss of power.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreErrorKind::Unavailable) if the file cannot be opened or stays locked
    /// for five seconds, [`Other`](StoreErrorKind::Other) if the URL is not a SQLite URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Opens a database like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect), and [`Other`](StoreErrorKind::Other) if the table prefix is
    /// invalid.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            // sqlx would take it for the name of a file.
            let cause = "the URL does not begin with sqlite:";
            return Err(StoreError::new(StoreErrorKind::Other, cause));
        }
        let connect = SqliteConnectOptions::from_str(url)
            .map_err(store_error)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LOCK_TIMEOUT)
            .disable_statement_logging();
        let mut pool = SqlitePoolOptions::new().acquire_timeout(LOCK_TIMEOUT);
        if url.contains(":memory:") || url.contains("mode=memory") {
            // Such a database ends with its last connection.
            pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
        }
        let pool = retry_while_locked(|| pool.clone().connect_with(connect.clone())).await;
        Self::new_with(pool.map_err(store_error)?, options).await
    }

    /// Uses a pool of the app and migrates the tables.
    ///
    /// The pool's settings apply: its journal mode and `synchronous` decide how durable a change
    /// is, and its connect options decide about the logging of statements (values are never
    /// logged).
    ///
    /// # Errors
    ///
    /// If the tables cannot be migrated.
    pub async fn new(pool: SqlitePool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// Uses a pool like [`new`](Self::new), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`new`](Self::new), and [`Other`](StoreErrorKind::Other) if the table prefix is
    /// invalid.
    pub async fn new_with(pool: SqlitePool, options: &Options) -> Result<Self, StoreError> {
        let tables = Tables::new(&DIALECT, options.checked_prefix()?);
        if options.migrates() {
            let schema = Schema::new(&tables, MIGRATIONS);
            retry_while_locked(|| migrate::run(&pool, &schema)).await.map_err(store_error)?;
        }
        Ok(Self {
            queue: WriteQueue::new(Writer::new(pool, Statements::new(&tables))),
            // A CROSS JOIN fixes the order: a look-up for each key, never a scan of the table.
            fetch_many: tables.sql(
                "SELECT {columns} FROM json_each($1) AS k CROSS JOIN {prefix}connections \
                 WHERE integration = k.value ->> 0 AND connection_id = k.value ->> 1",
            ),
        })
    }
}

connection_store!(SqliteStore);

impl Backend for SqliteStore {
    fn statements(&self) -> &Statements {
        &self.queue.writer.statements
    }

    async fn fetch(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<Vec<Record>> {
        let rows = query(sql, values).fetch_all(&self.queue.writer.pool).await?;
        rows.iter().map(record::<String, _>).collect()
    }

    async fn execute(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<u64> {
        let _lock = self.queue.writer.lock().await?;
        Ok(query(sql, values).execute(&self.queue.writer.pool).await?.rows_affected())
    }

    /// Writers wait for each other in order, so there are no conflicts.
    async fn execute_settled(&self, sql: &Sql, values: Vec<Value<'_>>) -> Result<u64, StoreError> {
        self.execute(sql, values).await.map_err(store_error)
    }

    async fn fetch_many(&self, keys: &[ConnectionKey]) -> sqlx::Result<Vec<Record>> {
        self.fetch(&self.fetch_many, vec![Value::Text(json_keys(keys))]).await
    }

    /// Writers wait for each other in order, so there are no conflicts to retry.
    async fn apply_chunk(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        if let [change] = changes {
            return Ok(vec![self.queue.apply(change).await?]);
        }
        let writer = self.queue.writer.lock().await.map_err(store_error)?;
        let written = writer.apply_all(changes.iter()).await;
        written.into_iter().map(|written| written.map_err(store_error)).collect()
    }

    fn store_error(error: sqlx::Error) -> StoreError {
        store_error(error)
    }
}

//! The store.

use std::str::FromStr;
use std::sync::Arc;

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, StoreError};
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::dialect::{DIALECT, LOCK_TIMEOUT, retry_while_locked};
use super::migrate;
use super::query::query;
use super::queue::WriteQueue;
use super::writer::{Write, Writer};
use crate::options::Options;
use crate::shared::check::check_tables;
use crate::shared::error::{attempt, explain, invalid_url};
use crate::shared::row::json_keys;
use crate::shared::{Backend, MIGRATIONS, Schema, Sql, Statements, Tables, Value, connection_store, record};

/// Stores connections in a SQLite database, for apps that run on one machine.
///
/// A call that applies one change is one statement, one that applies many is one transaction.
/// Changes and marks that arrive during a write share the next transaction, and so one wait for the
/// disk. Several processes may share the file.
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
#[derive(Clone)]
pub struct SqliteStore {
    /// For the few rows of a request.
    pool: SqlitePool,
    /// For the many rows of a sweep.
    scanning: SqlitePool,
    pub(super) queue: Arc<WriteQueue>,
    schema: Schema,
    fetch_many: Sql,
}

/// The connections to a database.
struct Pools {
    reading: SqlitePool,
    scanning: SqlitePool,
    writing: SqlitePool,
}

impl Pools {
    /// Uses one for everything.
    fn one(pool: SqlitePool) -> Self {
        Self { reading: pool.clone(), scanning: pool.clone(), writing: pool }
    }
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
    /// [`Unavailable`](nango_core::StoreErrorKind::Unavailable) if the file cannot be opened or stays locked
    /// for five seconds, [`Other`](nango_core::StoreErrorKind::Other) if the URL is not a SQLite URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Opens a database like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect), and [`Other`](nango_core::StoreErrorKind::Other) if the table prefix is
    /// invalid.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            // sqlx would take it for the name of a file.
            return Err(invalid_url::<Sqlite>(sqlx::Error::Configuration("another scheme".into())));
        }
        let connect = SqliteConnectOptions::from_str(url)
            .map_err(invalid_url::<Sqlite>)?
            .create_if_missing(options.migrates() || is_in_memory(url))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LOCK_TIMEOUT)
            .disable_statement_logging();
        // A connection to a file is not lost, and a test of it waits for another thread.
        let mut pool = SqlitePoolOptions::new().acquire_timeout(LOCK_TIMEOUT).test_before_acquire(false);
        if is_in_memory(url) {
            // Such a database ends with its last connection.
            pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
        }
        let pools = match is_in_memory(url) {
            true => Pools::one(pool.connect_lazy_with(connect)),
            false => {
                // A connection reads its pages anew after another has written. So one writes, and keeps the few that
                // it needs. One reads for sweeps: a pool would open several for them, since a connection is not at hand
                // in the moment after its use, and each keeps what it has read.
                let alone = pool.clone().max_connections(1);
                let small = connect.clone().pragma("cache_size", "-512"); // KiB
                Pools {
                    reading: pool.connect_lazy_with(connect),
                    scanning: alone.clone().connect_lazy_with(small.clone()),
                    writing: alone.connect_lazy_with(small),
                }
            }
        };
        if let Err(error) = retry_while_locked(|| pools.writing.acquire()).await {
            return Err(explain(attempt::CONNECT, &pools.writing, error).await);
        }
        Self::over(pools, options).await
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
    /// Like [`new`](Self::new), and [`Other`](nango_core::StoreErrorKind::Other) if the table prefix is
    /// invalid, or if [`Options::migrate`] is off and migrations are missing.
    pub async fn new_with(pool: SqlitePool, options: &Options) -> Result<Self, StoreError> {
        Self::over(Pools::one(pool), options).await
    }

    async fn over(pools: Pools, options: &Options) -> Result<Self, StoreError> {
        let tables = Tables::new(&DIALECT, options.checked_prefix()?);
        let store = Self {
            pool: pools.reading,
            scanning: pools.scanning,
            queue: WriteQueue::new(Writer::new(pools.writing, &tables)),
            schema: Schema::new(&tables, MIGRATIONS),
            // A CROSS JOIN fixes the order: a look-up for each key, never a scan of the table.
            fetch_many: tables.sql(
                "SELECT {columns} FROM json_each($1) AS k CROSS JOIN {prefix}connections \
                 WHERE integration = k.value ->> 0 AND connection_id = k.value ->> 1",
            ),
        };
        if !options.migrates() {
            check_tables(&store, &store.schema).await?;
        } else if let Err(error) = retry_while_locked(|| migrate::run(store.writing(), &store.schema)).await {
            return Err(explain(attempt::MIGRATE, store.pool(), error).await);
        }
        Ok(store)
    }
}

impl SqliteStore {
    /// Returns the pool for writes, migrations among them.
    pub(super) fn writing(&self) -> &SqlitePool {
        &self.queue.writer.pool
    }
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

connection_store!(SqliteStore);

impl Backend for SqliteStore {
    type Database = Sqlite;

    fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn statements(&self) -> &Statements {
        &self.queue.writer.statements
    }

    async fn schema_version(&self, schema: &Schema) -> sqlx::Result<i64> {
        sqlx::query_scalar(schema.applied().text()).fetch_one(self.pool()).await
    }

    async fn fetch(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
        known: Option<&Owner>,
    ) -> sqlx::Result<Vec<Record>> {
        fetch(sql, values, known, self.pool()).await
    }

    async fn scan(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<Vec<Record>> {
        fetch(sql, values, None, &self.scanning).await
    }

    /// Writers wait for each other in order, so there are no conflicts to retry.
    async fn write(&self, sql: &Sql, values: Vec<Value<'_>>) -> Result<bool, Arc<sqlx::Error>> {
        let values = values.into_iter().map(Value::into_owned).collect();
        let written = self.queue.apply(Write::Statement(sql.clone(), values)).await?;
        Ok(written == Applied::Done)
    }

    async fn fetch_many(&self, keys: &[ConnectionKey]) -> sqlx::Result<Vec<Record>> {
        self.scan(&self.fetch_many, vec![Value::Text(json_keys(keys))]).await
    }

    /// Writers wait for each other in order, so there are no conflicts to retry.
    async fn apply_chunk(&self, changes: &[Change]) -> Result<Vec<Applied>, Arc<sqlx::Error>> {
        if let [change] = changes {
            return Ok(vec![self.queue.apply(Write::Change(change.clone())).await?]);
        }
        let writer = self.queue.writer.lock().await?;
        writer.apply_batch(changes).await.into_iter().collect()
    }
}

async fn fetch(
    sql: &Sql,
    values: Vec<Value<'_>>,
    known: Option<&Owner>,
    pool: &SqlitePool,
) -> sqlx::Result<Vec<Record>> {
    // Row by row: each value of SQLite's is a copy with a block of its own, and a sweep asks for a thousand rows.
    query(sql, values).try_map(|row| record::<&str, _>(&row, known)).fetch_all(pool).await
}

#[cfg(test)]
mod tests {
    use nango_core::{ConnectionStore as _, Timestamp};

    use super::*;

    #[tokio::test]
    async fn a_file_is_written_by_one_connection_and_read_by_another_for_sweeps() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/app.db", folder.path().display());
        let store = SqliteStore::connect(&url).await.unwrap();
        let sizes = || [store.writing().size(), store.scanning.size(), store.pool.size()];
        assert_eq!(sizes(), [1, 0, 0], "to begin with, the tables are made");
        let keys = [ConnectionKey::new("slack", "a"), ConnectionKey::new("slack", "b")];
        for _ in 0..100 {
            store.page(None, 1_000).await.unwrap();
            store.pending(Timestamp::now(), 1_000).await.unwrap();
            store.get(&keys).await.unwrap();
            store.mark(&keys, Timestamp::now()).await.unwrap();
        }
        assert_eq!(sizes(), [1, 1, 0], "sweeps leave the connections of requests alone");
        store.list(&Owner::new("user", "alice")).await.unwrap();
        assert_eq!(sizes(), [1, 1, 1]);
    }
}

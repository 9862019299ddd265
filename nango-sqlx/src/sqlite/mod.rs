//! SQLite.

mod batch;
mod migrate;
mod writer;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, Owner, Record, StoreError, StoreErrorKind,
    Timestamp, async_trait,
};
use sqlx::error::DatabaseError;
use sqlx::query::Query;
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row as _};

use self::batch::BatchStatements;
use self::writer::Writer;
use crate::Options;
use crate::shared::{
    Columns, Dialect, MANY, MIGRATIONS, Row, Schema, Sql, Statements, connection_store, in_order, limit,
    shared_error, store_error, utf8,
};

/// How long a statement waits for another process's write, and a task for a connection of the pool. Nango gives a
/// webhook ten seconds in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps connections in a SQLite database, for apps that run on one machine.
///
/// One change is one statement, many are one transaction, and so are changes that come while the file is being written to:
/// they share its wait for the disk. Several processes may share the file.
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
    pool: SqlitePool,
    writer: Arc<Writer>,
    sql: Arc<Statements>,
    batch: BatchStatements,
    next_page: Sql,
}

impl SqliteStore {
    /// Opens a database, makes the file if it is missing, and brings its tables up to date.
    ///
    /// The URL is `sqlite://app.db` for a file in the working directory, `sqlite:///var/lib/app.db` for one elsewhere,
    /// `sqlite::memory:` for a database that ends with the store. The database is put in WAL mode with
    /// `synchronous = FULL`: what [`apply`](ConnectionStore::apply) calls done survives a loss of power.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreErrorKind::Unavailable) when the file cannot be opened or stays locked for five seconds,
    /// [`Other`](StoreErrorKind::Other) when the URL is not one of SQLite.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            // sqlx would take it for the name of a file.
            let source = "not a URL that begins with sqlite:";
            return Err(StoreError::new(StoreErrorKind::Other, source));
        }
        let connect = SqliteConnectOptions::from_str(url)
            .map_err(store_error)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        let mut pool = SqlitePoolOptions::new().acquire_timeout(PATIENCE);
        if url.contains(":memory:") || url.contains("mode=memory") {
            // Such a database is gone with its last connection.
            pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
        }
        let pool = migrate::patiently(|| pool.clone().connect_with(connect.clone())).await?;
        Self::new_with(pool, options).await
    }

    /// Uses a pool that the app already has, and brings the tables up to date.
    ///
    /// The pool's own settings hold: how durable a change is, is up to its journal mode and `synchronous`, and whether
    /// statements are logged is its decision (values never are).
    ///
    /// # Errors
    ///
    /// When the tables cannot be made.
    pub async fn new(pool: SqlitePool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn new_with(pool: SqlitePool, options: &Options) -> Result<Self, StoreError> {
        let prefix = options.checked_prefix()?;
        if options.migrates() {
            let schema = Schema::new(Dialect::Sqlite, prefix, MIGRATIONS);
            migrate::patiently(|| migrate::run(pool.clone(), schema.clone())).await?;
        }
        let sql = Arc::new(Statements::new(Dialect::Sqlite, prefix));
        Ok(Self {
            writer: Writer::new(pool.clone(), Arc::clone(&sql)),
            pool,
            sql,
            batch: BatchStatements::new(prefix),
            next_page: Sql::new(
                Dialect::Sqlite,
                prefix,
                "SELECT {columns} FROM {prefix}connections WHERE (integration, connection_id) > ($1, $2) \
                 ORDER BY integration, connection_id LIMIT $3",
            ),
        })
    }

    async fn execute(&self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, sqlx::Error> {
        let _turn = self.writer.turn().await?;
        Ok(query.execute(&self.pool).await?.rows_affected())
    }

    /// Writers wait for each other, never in a circle: nothing has to be tried again.
    async fn apply_some(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        if let [change] = changes {
            return Ok(vec![self.writer.write(change).await?]);
        }
        let _turn = self.writer.turn().await.map_err(store_error)?;
        let written = self.writer.all(changes.iter()).await;
        written.into_iter().map(|written| written.map_err(shared_error)).collect()
    }

    fn next_page(&self, key: &ConnectionRef) -> Query<'static, Sqlite, SqliteArguments> {
        sqlx::query(self.next_page.text())
            .bind(key.integration().to_owned())
            .bind(key.connection_id().to_owned())
    }
}

connection_store!(SqliteStore, Sqlite, SqliteArguments, SqliteRow);

type Bytes = String;

fn bytes(text: &str) -> &str {
    text
}

fn storable(_: &Change) -> Result<(), StoreError> {
    Ok(())
}

/// SQLite's result code, without its details.
pub(crate) fn code(error: &dyn DatabaseError) -> Option<i32> {
    error.try_downcast_ref::<SqliteError>()?;
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// What a result code means.
pub(crate) fn kind(code: i32) -> StoreErrorKind {
    match code {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
        5..=10 | 13..=15 => StoreErrorKind::Unavailable,
        // CORRUPT
        11 => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

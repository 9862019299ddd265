//! SQLite.

mod batch;
mod lease;
mod migrate;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, Owner, Record, StoreError, StoreErrorKind,
    Timestamp, async_trait,
};
use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row as _};
use tokio::sync::Mutex;

use crate::dialect::{Dialect, PREFIX};
use crate::error::store_error;
use crate::row::{Columns, Row, limit};
use crate::statements::Statements;

use self::batch::BatchStatements;
use self::lease::LeaseStatements;

/// How long a statement waits for another process's write, and a task for a connection of the pool. Nango gives a
/// webhook ten seconds in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps connections in a SQLite database.
///
/// One change is one statement, many are one transaction. Several processes on one machine may share the file. The store
/// of a clone of the pool is the same store.
///
/// ```
/// # async fn example(folder: &std::path::Path) -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::SqliteStore;
///
/// let url = format!("sqlite://{}/app.db", folder.display());
/// let store = SqliteStore::connect(&url).await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// # let folder = tempfile::tempdir().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(example(folder.path())).unwrap();
/// ```
pub struct SqliteStore {
    pool: SqlitePool,
    /// SQLite has one writer at a time. Here they queue in order; at the file's lock they would sleep and try again, and
    /// each would hold a connection that a reader could use.
    writer: Mutex<()>,
    sql: Statements,
    batch: BatchStatements,
    lease: LeaseStatements,
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
        if !url.starts_with("sqlite:") {
            // sqlx would take it for the name of a file.
            return Err(StoreError::new(StoreErrorKind::Other, "not a URL that begins with sqlite:"));
        }
        let options = SqliteConnectOptions::from_str(url)
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
        let pool = migrate::patiently(|| pool.clone().connect_with(options.clone())).await?;
        Self::new(pool).await
    }

    /// Uses a pool that the app already has, and brings the tables up to date.
    ///
    /// The pool's own settings hold: durability is that of its journal mode and `synchronous`, and whether statements
    /// are logged is its decision (values never are).
    ///
    /// # Errors
    ///
    /// When the tables cannot be made.
    pub async fn new(pool: SqlitePool) -> Result<Self, StoreError> {
        migrate::patiently(|| migrate::run(pool.clone(), PREFIX)).await?;
        Ok(Self {
            pool,
            writer: Mutex::new(()),
            sql: Statements::new(Dialect::Sqlite, PREFIX),
            batch: BatchStatements::new(PREFIX),
            lease: LeaseStatements::new(PREFIX),
        })
    }

    async fn apply_one(&self, change: &Change) -> Result<Applied, StoreError> {
        let key = change.key();
        let query = match (change.next(), change.expected()) {
            (Some(next), None) => {
                let c = Columns::from(next);
                sqlx::query(self.sql.insert.text())
                    .bind(c.integration)
                    .bind(c.connection_id)
                    .bind(c.version)
                    .bind(c.owner_kind)
                    .bind(c.owner_id)
                    .bind(c.owner_scope)
                    .bind(c.removed)
                    .bind(c.announced)
                    .bind(c.look_again_at)
                    .bind(c.details)
            }
            (Some(next), Some(expected)) => {
                let c = Columns::from(next);
                sqlx::query(self.sql.update.text())
                    .bind(c.version)
                    .bind(c.owner_kind)
                    .bind(c.owner_id)
                    .bind(c.owner_scope)
                    .bind(c.removed)
                    .bind(c.announced)
                    .bind(c.look_again_at)
                    .bind(c.details)
                    .bind(key.integration())
                    .bind(key.connection_id())
                    .bind(expected.raw())
            }
            (None, Some(expected)) => sqlx::query(self.sql.erase.text())
                .bind(key.integration())
                .bind(key.connection_id())
                .bind(expected.raw()),
            (None, None) => return Ok(Applied::Stale),
        };
        let _turn = self.writer.lock().await;
        let done = query.execute(&self.pool).await.map_err(store_error)?;
        Ok(match done.rows_affected() {
            1 => Applied::Done,
            _ => Applied::Stale,
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool would print the file's path, and of other databases the password.
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl ConnectionStore for SqliteStore {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        match keys {
            [] => Ok(Vec::new()),
            [key] => {
                let row = sqlx::query(self.sql.get.text())
                    .bind(key.integration())
                    .bind(key.connection_id())
                    .fetch_optional(&self.pool)
                    .await
                    .map_err(store_error)?;
                Ok(vec![row.as_ref().map(record).transpose()?])
            }
            keys => self.get_many(keys).await,
        }
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        match changes {
            [] => Ok(Vec::new()),
            [change] => Ok(vec![self.apply_one(change).await?]),
            changes => self.apply_many(changes).await,
        }
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let rows = sqlx::query(self.sql.list.text())
            .bind(owner.id())
            .bind(owner.kind())
            .bind(owner.scope())
            .fetch_all(&self.pool)
            .await
            .map_err(store_error)?;
        rows.iter().map(record).collect()
    }

    async fn page(&self, after: Option<&ConnectionRef>, rows: usize) -> Result<Vec<Record>, StoreError> {
        let query = match after {
            None => sqlx::query(self.sql.first_page.text()),
            Some(key) => {
                sqlx::query(self.sql.next_page.text()).bind(key.integration()).bind(key.connection_id())
            }
        };
        let rows = query.bind(limit(rows)).fetch_all(&self.pool).await.map_err(store_error)?;
        rows.iter().map(record).collect()
    }

    async fn pending(&self, now: Timestamp, rows: usize) -> Result<Vec<Record>, StoreError> {
        let rows = sqlx::query(self.sql.pending.text())
            .bind(now.as_micros())
            .bind(limit(rows))
            .bind(limit(rows))
            .bind(limit(rows))
            .fetch_all(&self.pool)
            .await
            .map_err(store_error)?;
        rows.iter().map(record).collect()
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }
}

fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    columns(row).map_err(store_error)?.try_into()
}

fn columns(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        integration: row.try_get(0)?,
        connection_id: row.try_get(1)?,
        version: row.try_get(2)?,
        owner_kind: row.try_get(3)?,
        owner_id: row.try_get(4)?,
        owner_scope: row.try_get(5)?,
        removed: row.try_get(6)?,
        announced: row.try_get(7)?,
        look_again_at: row.try_get(8)?,
        details: row.try_get(9)?,
    })
}

/// What one of SQLite's result codes means.
pub(crate) fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    let extended: i32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    match extended & 0xff {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
        5..=10 | 13..=15 => StoreErrorKind::Unavailable,
        // CORRUPT
        11 => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

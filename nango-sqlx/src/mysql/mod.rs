//! MySQL and MariaDB.

mod batch;
mod migrate;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, Owner, Record, StoreError, StoreErrorKind,
    Timestamp, async_trait,
};
use sqlx::mysql::{
    MySql, MySqlArguments, MySqlConnectOptions, MySqlDatabaseError, MySqlPool, MySqlPoolOptions, MySqlRow,
};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Row as _};

use self::batch::BatchStatements;
use crate::Options;
use crate::shared::{
    Columns, Dialect, MANY, MIGRATIONS, Retries, Row, Schema, Sql, Statements, applied, connection_store,
    in_order, limit, server_store, store_error, utf8,
};

/// How long a task waits for a connection of the pool. Nango gives a webhook ten seconds in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// The columns' width: 255 characters of four bytes.
const LONGEST: usize = 1020;

/// Keeps connections in a MySQL or MariaDB database.
///
/// One change is one statement, many are one transaction. Any number of instances of the app may share the database.
///
/// ```no_run
/// # async fn example() -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::MySqlStore;
///
/// let store = MySqlStore::connect("mysql://app@localhost/app").await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
pub struct MySqlStore {
    pool: MySqlPool,
    sql: Statements,
    batch: BatchStatements,
    next_page: Sql,
}

impl MySqlStore {
    /// Connects to a database, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreErrorKind::Unavailable) when the server does not answer,
    /// [`Other`](StoreErrorKind::Other) when it refuses, or the URL is not one of MySQL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        let connect = MySqlConnectOptions::from_str(url).map_err(store_error)?.disable_statement_logging();
        let pool = MySqlPoolOptions::new()
            .acquire_timeout(PATIENCE)
            .connect_with(connect)
            .await
            .map_err(store_error)?;
        Self::new_with(pool, options).await
    }

    /// Uses a pool that the app already has, and brings the tables up to date.
    ///
    /// The pool's own settings hold: how durable a change is, is up to `innodb_flush_log_at_trx_commit`, and whether
    /// statements are logged is its decision (values never are). Its character set has to be `utf8mb4`, as it is unless
    /// somebody has changed it.
    ///
    /// # Errors
    ///
    /// When the tables cannot be made.
    pub async fn new(pool: MySqlPool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn new_with(pool: MySqlPool, options: &Options) -> Result<Self, StoreError> {
        let prefix = options.checked_prefix()?;
        if options.migrates() {
            let schema = Schema::new(Dialect::MySql, prefix, MIGRATIONS);
            migrate::run(&pool, &schema, prefix).await.map_err(store_error)?;
        }
        Ok(Self {
            pool,
            sql: Statements::new(Dialect::MySql, prefix),
            batch: BatchStatements::new(prefix),
            // Two ranges of the primary key. Of the shorter `(integration, connection_id) > (?, ?)` MySQL reads the
            // whole table.
            next_page: Sql::new(
                Dialect::MySql,
                prefix,
                "SELECT {columns} FROM {prefix}connections \
                 WHERE (integration = $1 AND connection_id > $2) OR integration > $3 \
                 ORDER BY integration, connection_id LIMIT $4",
            ),
        })
    }

    async fn execute(&self, query: Query<'_, MySql, MySqlArguments>) -> Result<u64, sqlx::Error> {
        match query.execute(&self.pool).await {
            Err(error) if number(&error) == Some(DUPLICATE) => Ok(0),
            done => Ok(done?.rows_affected()),
        }
    }

    fn next_page(&self, key: &ConnectionRef) -> Query<'static, MySql, MySqlArguments> {
        sqlx::query(self.next_page.text())
            .bind(key.integration().as_bytes().to_vec())
            .bind(key.connection_id().as_bytes().to_vec())
            .bind(key.integration().as_bytes().to_vec())
    }
}

connection_store!(MySqlStore, MySql, MySqlArguments, MySqlRow);
server_store!(MySqlStore);

type Bytes = Vec<u8>;

fn bytes(text: &str) -> &[u8] {
    text.as_bytes()
}

/// A server that is not strict would cut longer texts.
fn storable(change: &Change) -> Result<(), StoreError> {
    let owner = change.next().and_then(|next| next.owner.as_ref());
    let texts = [
        Some(change.key().integration()),
        Some(change.key().connection_id()),
        owner.map(Owner::kind),
        owner.map(Owner::id),
        owner.and_then(Owner::scope),
    ];
    if texts.into_iter().flatten().all(|text| text.len() <= LONGEST) {
        Ok(())
    } else {
        let source = "a key or an owner of more than 1020 bytes";
        Err(StoreError::new(StoreErrorKind::Other, source))
    }
}

const DUPLICATE: u16 = 1062;

/// Record changed since the snapshot, deadlock; and in a batch, a row that has come since it was looked for.
fn gave_way(error: &sqlx::Error) -> bool {
    number(error).is_some_and(|number| matches!(number, 1020 | 1213 | DUPLICATE))
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?;
    let error = error.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

/// What one of the server's error numbers means.
pub(crate) fn kind(number: u16) -> StoreErrorKind {
    match number {
        // Others were faster again and again (1020, 1062, 1213), disk full, out of memory, too many connections, shutdown,
        // table full, network, too many connections of this user, lock wait timeout, read only, interrupted, lost,
        // took too long
        1020
        | DUPLICATE
        | 1213
        | 1021
        | 1037
        | 1038
        | 1040
        | 1041
        | 1053
        | 1077..=1079
        | 1114
        | 1158..=1161
        | 1203
        | 1205
        | 1226
        | 1290
        | 1317
        | 1792
        | 1836
        | 1927
        | 1969
        | 3024
        | 4031 => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Other,
    }
}

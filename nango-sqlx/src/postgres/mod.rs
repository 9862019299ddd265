//! PostgreSQL.

mod batch;
mod migrate;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, Owner, Record, StoreError, StoreErrorKind,
    Timestamp, async_trait,
};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow, Postgres};
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

/// Keeps connections in a PostgreSQL database.
///
/// One change is one statement, and so are many. Any number of instances of the app may share the database.
///
/// ```no_run
/// # async fn example() -> Result<(), nango_core::StoreError> {
/// use nango_sqlx::PostgresStore;
///
/// let store = PostgresStore::connect("postgres://app@localhost/app").await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore {
    pool: PgPool,
    sql: Statements,
    batch: BatchStatements,
    next_page: Sql,
}

impl PostgresStore {
    /// Connects to a database, and brings its tables up to date. They are made in the first schema of the search path.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreErrorKind::Unavailable) when the server does not answer,
    /// [`Other`](StoreErrorKind::Other) when it refuses, or the URL is not one of PostgreSQL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        let connect = PgConnectOptions::from_str(url).map_err(store_error)?.disable_statement_logging();
        let pool = PgPoolOptions::new()
            .acquire_timeout(PATIENCE)
            .connect_with(connect)
            .await
            .map_err(store_error)?;
        Self::new_with(pool, options).await
    }

    /// Uses a pool that the app already has, and brings the tables up to date.
    ///
    /// The pool's own settings hold: how durable a change is, is up to `synchronous_commit`, and whether statements are
    /// logged is its decision (values never are).
    ///
    /// # Errors
    ///
    /// When the tables cannot be made.
    pub async fn new(pool: PgPool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// The same with tables of other names, or tables that somebody else makes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Other`](StoreErrorKind::Other) when the prefix is none.
    pub async fn new_with(pool: PgPool, options: &Options) -> Result<Self, StoreError> {
        let prefix = options.checked_prefix()?;
        if options.migrates() {
            let schema = Schema::new(Dialect::Postgres, prefix, MIGRATIONS);
            migrate::run(&pool, &schema).await.map_err(store_error)?;
        }
        Ok(Self {
            pool,
            sql: Statements::new(Dialect::Postgres, prefix),
            batch: BatchStatements::new(prefix),
            next_page: Sql::new(
                Dialect::Postgres,
                prefix,
                "SELECT {columns} FROM {prefix}connections WHERE (integration, connection_id) > ($1, $2) \
                 ORDER BY integration, connection_id LIMIT $3",
            ),
        })
    }

    async fn execute(&self, query: Query<'_, Postgres, PgArguments>) -> Result<u64, sqlx::Error> {
        Ok(query.execute(&self.pool).await?.rows_affected())
    }

    fn next_page(&self, key: &ConnectionRef) -> Query<'static, Postgres, PgArguments> {
        sqlx::query(self.next_page.text())
            .bind(key.integration().to_owned())
            .bind(key.connection_id().to_owned())
    }
}

connection_store!(PostgresStore, Postgres, PgArguments, PgRow);
server_store!(PostgresStore);

type Bytes = String;

fn bytes(text: &str) -> &str {
    text
}

fn storable(_: &Change) -> Result<(), StoreError> {
    Ok(())
}

/// `serialization_failure`, `deadlock_detected`
fn gave_way(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

/// What a SQLSTATE means.
pub(crate) fn kind(code: &str) -> StoreErrorKind {
    // Connection, transaction rolled back, out of resources, operator's intervention, system; then "read only" on a server
    // that is no longer the primary, and "lock not available".
    let classes = ["08", "40", "53", "57", "58"];
    if classes.iter().any(|class| code.starts_with(class)) || matches!(code, "25006" | "55P03") {
        StoreErrorKind::Unavailable
    } else {
        StoreErrorKind::Other
    }
}

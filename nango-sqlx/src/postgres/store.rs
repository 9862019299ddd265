//! The store.

use std::str::FromStr;
use std::sync::Arc;

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPool, Postgres};
use sqlx::{ConnectOptions, Row};

use super::batch::BatchStatements;
use super::dialect::{DIALECT, is_serialization_conflict};
use super::migrate;
use super::session::{Session, Statement};
use crate::options::Options;
use crate::shared::batch::retry_conflicts;
use crate::shared::check::check_tables;
use crate::shared::error::{attempt, explain, invalid_url};
use crate::shared::operations::apply_one;
use crate::shared::pool::{LastFailure, pool_options};
use crate::shared::{Backend, MIGRATIONS, Schema, Sql, Statements, Tables, Value, connection_store, record};

/// Stores connections in a PostgreSQL database.
///
/// A call that applies changes is one statement. Any number of instances of an app may share the
/// database.
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
#[derive(Clone)]
pub struct PostgresStore {
    pub(super) session: Session,
    schema: Schema,
    statements: Statements,
    batch: BatchStatements,
    last_failure: LastFailure,
}

impl PostgresStore {
    /// Connects to a database and migrates its tables, which are created in the first schema of the
    /// search path.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](nango_core::StoreErrorKind::Unavailable) if the server does not answer,
    /// [`Other`](nango_core::StoreErrorKind::Other) if it refuses the login or the tables, or if
    /// the URL is not a PostgreSQL URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Connects like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect), and [`Other`](nango_core::StoreErrorKind::Other) if the
    /// table prefix is invalid.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        // Poolers refuse the parameter, and no column is a float.
        let connect = PgConnectOptions::from_str(url)
            .map_err(invalid_url::<Postgres>)?
            .extra_float_digits(None)
            .disable_statement_logging();
        let last_failure = LastFailure::default();
        let pool = pool_options(&last_failure).connect_lazy_with(connect);
        if let Err(error) = pool.acquire().await {
            return Err(explain(attempt::CONNECT, &pool, error).await);
        }
        Self::open(pool, options, last_failure).await
    }

    /// Uses a pool of the app and migrates the tables.
    ///
    /// The pool's settings apply: `synchronous_commit` decides how durable a change is, and its
    /// connect options decide about the logging of statements (values are never logged). One that
    /// tests connections before each use, which is sqlx's default, costs a call one more round trip.
    ///
    /// # Errors
    ///
    /// If the tables cannot be migrated.
    pub async fn new(pool: PgPool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// Uses a pool like [`new`](Self::new), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`new`](Self::new), and [`Other`](nango_core::StoreErrorKind::Other) if the table
    /// prefix is invalid, or if [`Options::migrate`] is off and migrations are missing.
    pub async fn new_with(pool: PgPool, options: &Options) -> Result<Self, StoreError> {
        Self::open(pool, options, LastFailure::default()).await
    }

    async fn open(pool: PgPool, options: &Options, last_failure: LastFailure) -> Result<Self, StoreError> {
        let tables = Tables::new(&DIALECT, options.checked_prefix()?);
        let schema = Schema::new(&tables, MIGRATIONS);
        let store = Self {
            session: Session { pool, pools_transactions: options.pools_transactions() },
            schema,
            statements: Statements::new(&tables),
            batch: BatchStatements::new(&tables),
            last_failure,
        };
        if !options.migrates() {
            check_tables(&store, &store.schema).await?;
        } else if let Err(error) = migrate::run(store.pool(), &store.schema).await {
            return Err(explain(attempt::MIGRATE, store.pool(), error).await);
        }
        Ok(store)
    }

    /// Returns the number of affected rows.
    async fn execute(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<u64> {
        self.session.execute(query(sql, values)).await
    }
}

connection_store!(PostgresStore);

impl Backend for PostgresStore {
    type Database = Postgres;

    fn pool(&self) -> &PgPool {
        &self.session.pool
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn schema_version(&self, schema: &Schema) -> sqlx::Result<i64> {
        let rows = self.session.fetch_all(sqlx::query(schema.applied().text())).await?;
        rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
    }

    async fn fetch(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
        known: Option<&Owner>,
    ) -> sqlx::Result<Vec<Record>> {
        let rows = self.session.fetch_all(query(sql, values)).await?;
        rows.iter().map(|row| record::<&str, _>(row, known)).collect()
    }

    async fn write(&self, sql: &Sql, values: Vec<Value<'_>>) -> Result<bool, Arc<sqlx::Error>> {
        let attempt = || self.execute(sql, values.clone());
        let rows = retry_conflicts(is_serialization_conflict, attempt).await;
        rows.map(|rows| rows > 0).map_err(Arc::new)
    }

    fn record_failure(&self) {
        self.last_failure.record();
    }

    async fn fetch_many(&self, keys: &[ConnectionKey]) -> sqlx::Result<Vec<Record>> {
        self.batch.get(&self.session, keys).await?.iter().map(|row| record::<&str, _>(row, None)).collect()
    }

    async fn apply_chunk(&self, changes: &[Change]) -> Result<Vec<Applied>, Arc<sqlx::Error>> {
        let attempt = || async {
            match changes {
                [change] => Ok(vec![
                    apply_one(&self.statements, change, |sql, values| self.execute(sql, values)).await?,
                ]),
                _ => self.batch.apply(&self.session, changes).await,
            }
        };
        retry_conflicts(is_serialization_conflict, attempt).await.map_err(Arc::new)
    }
}

pub(super) fn query(sql: &Sql, values: Vec<Value<'_>>) -> Statement {
    values.into_iter().fold(sqlx::query(sql.text()), |query, value| match value {
        Value::Bytes(text) => query.bind(text),
        Value::Flag(flag) => query.bind(flag),
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

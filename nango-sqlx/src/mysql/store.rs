//! The store.

use std::str::FromStr;
use std::sync::Arc;

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, StoreCause, StoreError, StoreErrorKind};
use sqlx::ConnectOptions;
use sqlx::mysql::{MySql, MySqlArguments, MySqlConnectOptions, MySqlPool};
use sqlx::query::Query;

use super::batch::BatchStatements;
use super::dialect::{DIALECT, MAX_BYTES, is_duplicate, is_serialization_conflict};
use super::migrate;
use crate::options::Options;
use crate::shared::batch::retry_conflicts;
use crate::shared::check::check_tables;
use crate::shared::error::{attempt, explain, invalid_url};
use crate::shared::operations::apply_one;
use crate::shared::pool::{LastFailure, pool_options};
use crate::shared::row::json_keys;
use crate::shared::{Backend, MIGRATIONS, Schema, Sql, Statements, Tables, Value, connection_store, record};

/// Stores connections in a MySQL or MariaDB database.
///
/// A call that applies one change is one statement, one that applies many is one transaction. Any
/// number of instances of an app may share the database.
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
    schema: Schema,
    statements: Statements,
    batch: BatchStatements,
    last_failure: LastFailure,
}

impl MySqlStore {
    /// Connects to a database and migrates its tables.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](StoreErrorKind::Unavailable) if the server does not answer,
    /// [`Other`](StoreErrorKind::Other) if it refuses the login or the tables, or if the URL is not
    /// a MySQL URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &Options::new()).await
    }

    /// Connects like [`connect`](Self::connect), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`connect`](Self::connect), and [`Other`](StoreErrorKind::Other) if the table prefix is
    /// invalid.
    pub async fn connect_with(url: &str, options: &Options) -> Result<Self, StoreError> {
        let connect =
            MySqlConnectOptions::from_str(url).map_err(invalid_url::<MySql>)?.disable_statement_logging();
        let last_failure = LastFailure::default();
        let pool = pool_options(&last_failure).connect_lazy_with(connect);
        if let Err(error) = pool.acquire().await {
            return Err(explain(attempt::CONNECT, &pool, error).await);
        }
        Self::open(pool, options, last_failure).await
    }

    /// Uses a pool of the app and migrates the tables.
    ///
    /// The pool's settings apply: `innodb_flush_log_at_trx_commit` decides how durable a change is,
    /// and the connect options decide about the logging of statements (values are never logged).
    /// The connection's character set has to be `utf8mb4`, which is the default. A pool that tests
    /// connections before each use, which is sqlx's default, costs a call one more round trip.
    ///
    /// # Errors
    ///
    /// If the tables cannot be migrated.
    pub async fn new(pool: MySqlPool) -> Result<Self, StoreError> {
        Self::new_with(pool, &Options::new()).await
    }

    /// Uses a pool like [`new`](Self::new), with options for the tables.
    ///
    /// # Errors
    ///
    /// Like [`new`](Self::new), and [`Other`](StoreErrorKind::Other) if the table prefix is
    /// invalid, or if [`Options::migrate`] is off and migrations are missing.
    pub async fn new_with(pool: MySqlPool, options: &Options) -> Result<Self, StoreError> {
        Self::open(pool, options, LastFailure::default()).await
    }

    async fn open(pool: MySqlPool, options: &Options, last_failure: LastFailure) -> Result<Self, StoreError> {
        let prefix = options.checked_prefix()?;
        let tables = Tables::new(&DIALECT, prefix);
        let schema = Schema::new(&tables, MIGRATIONS);
        let (statements, batch) = (Statements::new(&tables), BatchStatements::new(&tables));
        let store = Self { pool, schema, statements, batch, last_failure };
        if !options.migrates() {
            check_tables(&store, &store.schema).await?;
        } else if let Err(error) = migrate::run(&store.pool, &store.schema, prefix).await {
            return Err(explain(attempt::MIGRATE, &store.pool, error).await);
        }
        Ok(store)
    }

    /// Returns the number of affected rows: none for a row that exists already.
    async fn execute(&self, sql: &Sql, values: Vec<Value<'_>>) -> sqlx::Result<u64> {
        match query(sql, values).execute(&self.pool).await {
            Err(error) if is_duplicate(&error) => Ok(0),
            result => Ok(result?.rows_affected()),
        }
    }
}

connection_store!(MySqlStore);

impl Backend for MySqlStore {
    type Database = MySql;

    fn pool(&self) -> &MySqlPool {
        &self.pool
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn schema_version(&self, schema: &Schema) -> sqlx::Result<i64> {
        sqlx::query_scalar(schema.applied().text()).fetch_one(&self.pool).await
    }

    async fn fetch(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
        known: Option<&Owner>,
    ) -> sqlx::Result<Vec<Record>> {
        let rows = query(sql, values).fetch_all(&self.pool).await?;
        rows.iter().map(|row| record::<&[u8], _>(row, known)).collect()
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
        self.fetch(&self.batch.get, vec![Value::Text(json_keys(keys))], None).await
    }

    async fn apply_chunk(&self, changes: &[Change]) -> Result<Vec<Applied>, Arc<sqlx::Error>> {
        let attempt = || async {
            match changes {
                [change] => Ok(vec![
                    apply_one(&self.statements, change, |sql, values| self.execute(sql, values)).await?,
                ]),
                _ => self.batch.apply(&self.pool, changes).await,
            }
        };
        retry_conflicts(is_serialization_conflict, attempt).await.map_err(Arc::new)
    }

    /// A server that is not in strict mode would truncate longer texts.
    fn check_limits(change: &Change) -> Result<(), StoreError> {
        let owner = change.next().and_then(|next| next.owner.as_ref());
        let texts = [
            Some(change.key().integration()),
            Some(change.key().connection_id()),
            owner.map(Owner::kind),
            owner.map(Owner::id),
            owner.and_then(Owner::scope),
        ];
        if texts.into_iter().flatten().all(|text| text.len() <= MAX_BYTES) {
            return Ok(());
        }
        let cause = "an integration, connection id, owner kind, owner id or scope is longer than 1020 bytes";
        Err(StoreError::new(StoreErrorKind::Other, StoreCause::new(cause)).with_attempt(attempt::WRITE))
    }

    fn cursor(after: &ConnectionKey) -> Vec<Value<'_>> {
        let [integration, connection_id] = Value::key(after);
        vec![integration, connection_id, Value::bytes(after.integration())]
    }
}

fn query(sql: &Sql, values: Vec<Value<'_>>) -> Query<'static, MySql, MySqlArguments> {
    values.into_iter().fold(sqlx::query(sql.text()), |query, value| match value {
        Value::Bytes(text) => query.bind(text.map(str::as_bytes)),
        Value::Flag(flag) => query.bind(flag),
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

//! The operations in which the databases differ.

use std::sync::Arc;

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, StoreError};
use sqlx::Pool;

use super::diagnosis::Diagnose;
use super::row::Value;
use super::schema::Schema;
use super::sql::Sql;
use super::statements::Statements;

/// A store's access to its database.
///
/// Drivers are reached only through these methods: a function that is generic over sqlx's databases
/// needs more bounds than it has lines.
pub(crate) trait Backend: Sync {
    type Database: Diagnose;

    fn pool(&self) -> &Pool<Self::Database>;

    fn schema(&self) -> &Schema;

    fn statements(&self) -> &Statements;

    /// Queries the version of the last applied migration of a schema.
    fn schema_version(&self, schema: &Schema) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// Runs a query for records. The columns of rows that are known to be an owner's leave out what that
    /// says of them.
    fn fetch(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
        known: Option<&Owner>,
    ) -> impl Future<Output = sqlx::Result<Vec<Record>>> + Send;

    /// Runs a query for many records, such as those of a sweep's page.
    fn scan(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = sqlx::Result<Vec<Record>>> + Send {
        self.fetch(sql, values, None)
    }

    /// Runs a statement that writes one row at most, and returns whether it has. A row that exists
    /// already is not an error of an insertion. Runs it again after a conflict with another
    /// transaction. Several statements can share a failure.
    fn write(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = Result<bool, Arc<sqlx::Error>>> + Send;

    /// Fetches the records of up to [`CHUNK`](super::operations::CHUNK) keys in one query, in any
    /// order.
    fn fetch_many(&self, keys: &[ConnectionKey]) -> impl Future<Output = sqlx::Result<Vec<Record>>> + Send;

    /// Applies up to [`CHUNK`](super::operations::CHUNK) changes, each independently of the others.
    /// Several can share a failure.
    fn apply_chunk(
        &self,
        changes: &[Change],
    ) -> impl Future<Output = Result<Vec<Applied>, Arc<sqlx::Error>>> + Send;

    /// Takes note of a failure of any call.
    fn record_failure(&self) {}

    /// Refuses a change that the database would not return as it was written.
    fn check_limits(_: &Change) -> Result<(), StoreError> {
        Ok(())
    }

    /// The parameters of [`Statements::next_page`] that stand for the cursor.
    fn cursor(after: &ConnectionKey) -> Vec<Value<'_>> {
        Value::key(after).into()
    }
}

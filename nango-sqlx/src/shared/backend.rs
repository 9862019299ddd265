//! The operations in which the databases differ.

use nango_core::{Applied, Change, ConnectionKey, Record, StoreError};

use super::row::Value;
use super::sql::Sql;
use super::statements::Statements;

/// A store's access to its database.
///
/// Drivers are reached only through these methods: a function that is generic over sqlx's databases
/// needs more bounds than it has lines.
pub(crate) trait Backend: Sync {
    fn statements(&self) -> &Statements;

    /// Runs a query for records.
    fn fetch(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = sqlx::Result<Vec<Record>>> + Send;

    /// Runs a statement that writes, and returns the number of affected rows. A row that exists
    /// already is not an error of an insertion: it affects no row.
    fn execute(&self, sql: &Sql, values: Vec<Value<'_>>) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Like [`execute`](Self::execute), again after a conflict with another transaction.
    fn execute_settled(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Fetches the records of up to [`CHUNK`](super::operations::CHUNK) keys in one query, in any
    /// order.
    fn fetch_many(&self, keys: &[ConnectionKey]) -> impl Future<Output = sqlx::Result<Vec<Record>>> + Send;

    /// Applies up to [`CHUNK`](super::operations::CHUNK) changes, each independently of the others.
    fn apply_chunk(
        &self,
        changes: &[Change],
    ) -> impl Future<Output = Result<Vec<Applied>, StoreError>> + Send;

    /// Classifies a failure.
    fn store_error(error: sqlx::Error) -> StoreError;

    /// Refuses a change that the database would not return as it was written.
    fn check_limits(_: &Change) -> Result<(), StoreError> {
        Ok(())
    }

    /// The parameters of [`Statements::next_page`] that stand for the cursor.
    fn cursor(after: &ConnectionKey) -> Vec<Value<'_>> {
        Value::key(after).into()
    }
}

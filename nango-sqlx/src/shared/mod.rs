//! The part that all databases have in common: tables, statements, and a store's operations.

mod backend;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod batch;
mod connection_store;
mod dialect;
mod error;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod json_keys;
pub(crate) mod operations;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod retry;
mod row;
mod schema;
mod sql;
mod statements;
mod value;

pub(crate) use backend::Backend;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use batch::{Batch, Entry};
pub(crate) use connection_store::connection_store;
pub(crate) use dialect::Dialect;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use dialect::{LIVE, OR_NOTHING, PENDING};
#[cfg(feature = "sqlite")]
pub(crate) use error::kind;
pub(crate) use error::store_error;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) use json_keys::json_keys;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use retry::retry_conflicts;
pub(crate) use row::record;
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use schema::Migration;
#[cfg(test)]
pub(crate) use schema::assert_published;
pub(crate) use schema::{MIGRATIONS, Schema};
pub(crate) use sql::{Sql, Tables};
pub(crate) use statements::Statements;
pub(crate) use value::Value;

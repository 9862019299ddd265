//! What the databases have in common: the tables, the statements, and the store made of them.

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod batch;
mod dialect;
mod error;
mod keys;
mod retry;
mod row;
mod schema;
mod statements;
mod store;

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use batch::{Batch, Entry};
pub(crate) use dialect::Dialect;
pub(crate) use error::store_error;
#[cfg(feature = "sqlite")]
pub(crate) use error::{is_unavailable, shared_error};
pub(crate) use keys::in_order;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) use keys::json_keys;
pub(crate) use retry::MANY;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use retry::Retries;
pub(crate) use row::{Columns, Row, limit, utf8};
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use schema::Migration;
pub(crate) use schema::{MIGRATIONS, Schema};
pub(crate) use statements::{Sql, Statements};
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use store::server_store;
pub(crate) use store::{applied, connection_store};

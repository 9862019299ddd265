//! What the databases have in common: the tables, the statements, and the store made of them.

mod batch;
mod dialect;
mod error;
mod retry;
mod row;
mod schema;
mod statements;
mod store;

pub(crate) use batch::{Batch, Entry, in_order};
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) use batch::{json, json_keys};
pub(crate) use dialect::Dialect;
pub(crate) use error::store_error;
pub(crate) use retry::{MANY, Retries};
pub(crate) use row::{Columns, Row, limit, utf8};
pub(crate) use schema::{MIGRATIONS, Schema};
pub(crate) use statements::{Sql, Statements};
pub(crate) use store::connection_store;

//! The part that all databases have in common: tables, statements, and a store's operations.

mod backend;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod diagnosis;
pub(crate) mod error;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod events;
pub(crate) mod meaning;
pub(crate) mod operations;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod pool;
pub(crate) mod row;
pub(crate) mod schema;
pub(crate) mod sql;
mod statements;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod transaction;

pub(crate) use backend::Backend;
pub(crate) use diagnosis::Diagnose;
pub(crate) use operations::connection_store;
pub(crate) use row::{Value, record};
pub(crate) use schema::{MIGRATIONS, Schema};
pub(crate) use sql::{Dialect, Sql, Tables};
pub(crate) use statements::Statements;

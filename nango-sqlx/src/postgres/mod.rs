//! PostgreSQL.

mod batch;
mod dialect;
mod error;
mod migrate;
mod store;

pub use store::PostgresStore;

//! PostgreSQL.

mod batch;
mod dialect;
mod migrate;
mod store;

pub use store::PostgresStore;

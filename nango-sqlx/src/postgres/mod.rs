//! PostgreSQL.

mod batch;
mod dialect;
mod migrate;
mod session;
mod store;
#[cfg(test)]
mod tests;

pub use store::PostgresStore;

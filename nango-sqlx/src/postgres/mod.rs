//! PostgreSQL.

mod batch;
mod dialect;
mod events;
mod migrate;
mod session;
mod store;
#[cfg(test)]
mod tests;

pub use events::PostgresEventQueue;
pub use store::PostgresStore;

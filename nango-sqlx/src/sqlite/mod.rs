//! SQLite.

mod dialect;
mod migrate;
mod queue;
mod store;
mod writer;

pub use store::SqliteStore;

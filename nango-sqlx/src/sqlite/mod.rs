//! SQLite.

mod dialect;
mod error;
mod migrate;
mod queue;
mod retry;
mod store;
mod writer;

pub use store::SqliteStore;

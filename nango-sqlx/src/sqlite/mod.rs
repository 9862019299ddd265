//! SQLite.

mod dialect;
mod events;
mod inserts;
mod migrate;
mod query;
mod queue;
mod store;
mod writer;

pub use events::SqliteEventQueue;
pub use store::SqliteStore;

//! The contract of a store, on every store of the workspace.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "stores/instances.rs"]
mod instances;
#[path = "stores/mysql.rs"]
mod mysql;
#[path = "stores/pair.rs"]
mod pair;
#[path = "stores/postgres.rs"]
mod postgres;
#[path = "stores/server.rs"]
mod server;
#[path = "stores/sqlite.rs"]
mod sqlite;

mod memory {
    use nango_core::MemoryStore;

    nango_core::testing::store_suite!(async || MemoryStore::new());
}

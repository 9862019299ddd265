//! The contract of a store, on every store of the workspace.

#[path = "stores/sqlite.rs"]
mod sqlite;

mod memory {
    use nango_core::MemoryStore;

    nango_core::testing::store_suite!(async || MemoryStore::new());
}

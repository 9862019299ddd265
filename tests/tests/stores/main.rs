//! The contract of a store, on every store of the workspace.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod cancellation;
mod events;
mod instances;
mod mysql;
mod pair;
mod pooler;
mod postgres;
mod quiet;
mod reasons;
mod round_trips;
mod server;
mod sqlite;
mod version;

mod memory {
    use nango_core::MemoryStore;

    nango_core::testing::store_suite!(async || MemoryStore::new());
}

//! The contract of an adapter, on every adapter of the workspace, and that no client can tell them apart.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "adapters/actix.rs"]
mod actix;
#[path = "adapters/axum.rs"]
mod axum;
#[path = "adapters/panics.rs"]
mod panics;
#[path = "adapters/same.rs"]
mod same;

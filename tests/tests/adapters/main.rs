//! The contract of an adapter, for the adapters of the workspace and one written here. Their
//! replies are equal.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod actix;
mod axum;
mod hyper;
mod panics;
mod random;
mod raw;
mod replaced_head;
mod same;

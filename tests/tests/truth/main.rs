//! Whatever happens on the way, the store comes to agree with Nango.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod ahead;
mod executor;
mod footprint;
mod harness;
mod histories;
mod interleavings;
mod operation;
mod oracle;
mod outages;
mod random;
mod replicas;
mod scenario;
mod store;
mod sweep;
mod unavailable_store;
mod unreadable;
mod upstream;

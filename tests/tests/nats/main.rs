//! The queue on NATS, at `NANGO_TEST_NATS_URL`, and on servers of its own that are killed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod backlog;
mod crashes;
mod errors;
mod handler;
mod letters;
mod lives;
mod raw;
mod repair;
mod restarts;
mod server;
mod suite;
mod wait;

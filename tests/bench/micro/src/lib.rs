//! What the micro-benchmarks measure: the same inputs and calls for times and for instruction counts.

#![expect(clippy::expect_used, reason = "a benchmark has nothing to measure without its input")]

mod calibration;
mod canned;
mod deliveries;
mod owners;
mod receiver;
mod requests;

pub use calibration::{copy_and_compare, texts};
pub use deliveries::{Signed, auth, forward, sync};
pub use owners::{Organization, User, alice};
pub use receiver::Receiver;
pub use requests::{connection_path, find_route, owner_head, webhook_head};

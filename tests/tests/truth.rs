//! The store comes to agree with Nango, whatever happens on the way.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "truth/histories.rs"]
mod histories;
#[path = "truth/outages.rs"]
mod outages;
#[path = "truth/store_away.rs"]
mod store_away;
#[path = "truth/sweep.rs"]
mod sweep;

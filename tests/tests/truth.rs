//! The store comes to agree with Nango, whatever happens on the way.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

#[path = "truth/acts.rs"]
mod acts;
#[path = "truth/checks.rs"]
mod checks;
#[path = "truth/histories.rs"]
mod histories;
#[path = "truth/interleavings.rs"]
mod interleavings;
#[path = "truth/moves.rs"]
mod moves;
#[path = "truth/outages.rs"]
mod outages;
#[path = "truth/replicas.rs"]
mod replicas;
#[path = "truth/schedule.rs"]
mod schedule;
#[path = "truth/stage.rs"]
mod stage;
#[path = "truth/store.rs"]
mod store;
#[path = "truth/store_away.rs"]
mod store_away;
#[path = "truth/sweep.rs"]
mod sweep;
#[path = "truth/world.rs"]
mod world;

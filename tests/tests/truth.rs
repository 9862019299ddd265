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

use proptest::test_runner::{Config, RngSeed};

/// Random cases: by default 256, the same in every run, so that none fails by chance on somebody else's change. With
/// `PROPTEST_CASES` as many as that says, and others each time.
fn cases(max_shrink_iters: u32) -> Config {
    let default = Config::default();
    let rng_seed = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => default.rng_seed,
        None => RngSeed::Fixed(1),
    };
    Config { failure_persistence: None, max_shrink_iters, rng_seed, ..default }
}

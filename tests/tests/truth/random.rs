//! Random cases.

use proptest::prelude::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Plays random cases: by default 256, the same in every run, so that none fails by chance on an
/// unrelated change. With `PROPTEST_CASES` as many as that says, and others each time.
pub(crate) fn play<S: Strategy>(strategy: S, max_shrink_iters: u32, case: impl Fn(S::Value)) {
    let mut config = Config { failure_persistence: None, max_shrink_iters, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        (config.cases, config.rng_seed) = (256, RngSeed::Fixed(1));
    }
    let (cases, played) = (config.cases, std::cell::Cell::new(0));
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        played.set(played.get() + 1);
        case(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    println!("{} random cases", played.get());
    assert!(played.get() >= cases, "only {} random cases", played.get());
}

//! Two instances of an app on one store.

use std::sync::atomic::{AtomicBool, Ordering};

use nango_core::ConnectionStore;
use nango_core::testing::Fixture;
use nango_core::testing::store::{Case, cases};
use nango_tests::{Intercept, Interceptor};

/// Alternates between two stores: each has to see the writes of the other.
struct Pair<S> {
    stores: [S; 2],
    second: AtomicBool,
}

impl<S: ConnectionStore> Interceptor for Pair<S> {
    fn store(&self) -> &dyn ConnectionStore {
        &self.stores[usize::from(self.second.fetch_not(Ordering::Relaxed))]
    }
}

/// Runs the cases in which two instances could interfere. `open` returns both, on the same empty
/// tables.
pub(crate) fn two_instances_are_one_store<S: ConnectionStore, G: 'static>(
    open: impl AsyncFn() -> ([S; 2], G),
) {
    let is_concurrent = |case: &Case| {
        ["concurrent", "lease", "get_sees", "done_only", "page_is"]
            .iter()
            .any(|part| case.name().contains(part))
    };
    let cases: Vec<_> = cases().into_iter().filter(is_concurrent).collect();
    assert!(cases.len() > 9, "{cases:?}");
    for case in cases {
        println!("{}", case.name());
        case.run(async || -> _ {
            let (stores, guard) = open().await;
            fixture(Intercept(Pair { stores, second: AtomicBool::new(false) }), guard)
        });
    }
}

fn fixture<S: ConnectionStore, G: 'static>(store: S, guard: G) -> impl Fixture<dyn ConnectionStore> {
    (store, guard)
}

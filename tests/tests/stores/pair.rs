//! Two instances of an app.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::testing::store::{Case, Fixture, cases};
use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, Owner, Record, StoreError, Timestamp, async_trait,
};

/// Asks the two in turns: what one has done, the other has to see.
struct Pair<S> {
    stores: [S; 2],
    second: AtomicBool,
}

impl<S> Pair<S> {
    fn next(&self) -> &S {
        &self.stores[usize::from(self.second.fetch_not(Ordering::Relaxed))]
    }
}

#[async_trait]
impl<S: ConnectionStore> ConnectionStore for Pair<S> {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        self.next().get(keys).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.next().apply(changes).await
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.next().list(owner).await
    }

    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.next().page(after, limit).await
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.next().pending(now, limit).await
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }
}

#[async_trait]
impl<S: ConnectionStore> Lease for Pair<S> {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        self.next().lease().unwrap().acquire(name, holder, span).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.next().lease().unwrap().release(name, holder).await
    }
}

/// Runs the cases in which two instances could be in each other's way. `open` gives both, on the same empty tables.
pub(crate) fn two_instances_are_one_store<S: ConnectionStore, G: 'static>(
    open: impl AsyncFn() -> ([S; 2], G),
) {
    let tells = |case: &Case| {
        ["concurrent", "lease", "get_sees", "done_only", "page_is"]
            .iter()
            .any(|part| case.name().contains(part))
    };
    let cases: Vec<_> = cases().into_iter().filter(tells).collect();
    assert!(cases.len() > 9, "{cases:?}");
    for case in cases {
        println!("{}", case.name());
        case.run(async || -> _ {
            let (stores, guard) = open().await;
            fixture(Pair { stores, second: AtomicBool::new(false) }, guard)
        });
    }
}

fn fixture<S: ConnectionStore, G: 'static>(store: S, guard: G) -> impl Fixture {
    (store, guard)
}

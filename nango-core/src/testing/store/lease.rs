//! Leases. A store without them passes.

use crate::store::{ConnectionStore, Lease};
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

async fn acquire(lease: &dyn Lease, name: &str, holder: &str, span: Duration) -> bool {
    lease.acquire(name, holder, span).await.unwrap()
}

/// A lease has one holder at a time, which may prolong it; of many concurrent callers one acquires
/// it.
pub async fn a_lease_has_one_holder(store: Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    assert!(acquire(lease, "sweep", "a", LONG).await);
    assert!(!acquire(lease, "sweep", "b", LONG).await);
    assert!(acquire(lease, "sweep", "a", LONG).await, "the holder may prolong");
    assert!(!acquire(lease, "sweep", "A", LONG).await, "holders compare byte by byte");

    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            match store.lease() {
                Some(lease) => acquire(lease, "race", &format!("holder {n}"), LONG).await,
                None => false,
            }
        });
    }
    let got = tasks.join_all().await.into_iter().filter(|got| *got).count();
    assert_eq!(got, 1, "holders at once");
}

/// A lease ends by itself after its holder died.
pub async fn a_lease_ends_by_itself(store: Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    assert!(acquire(lease, "sweep", "a", SHORT).await);
    assert!(!acquire(lease, "sweep", "b", LONG).await);
    tokio::time::sleep(2 * SHORT).await;
    assert!(acquire(lease, "sweep", "b", LONG).await);
    assert!(!acquire(lease, "sweep", "a", LONG).await, "it has passed on");
    // Prolonged to something shorter: what was said last holds.
    assert!(acquire(lease, "sweep", "b", SHORT).await);
    tokio::time::sleep(2 * SHORT).await;
    assert!(acquire(lease, "sweep", "a", LONG).await);
}

/// A lease can be released by its holder only.
pub async fn a_lease_is_released_by_its_holder_only(store: Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    assert!(acquire(lease, "sweep", "a", LONG).await);
    lease.release("sweep", "b").await.unwrap();
    lease.release("other", "a").await.unwrap();
    assert!(!acquire(lease, "sweep", "b", LONG).await);
    lease.release("sweep", "a").await.unwrap();
    assert!(acquire(lease, "sweep", "b", LONG).await);
    lease.release("sweep", "a").await.unwrap();
    assert!(!acquire(lease, "sweep", "a", LONG).await);
}

/// Leases of different names have nothing to do with each other.
pub async fn leases_have_names(store: Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    for (name, holder) in [("sweep", "a"), ("Sweep", "b"), ("sweep ", "c"), ("drain", "a")] {
        assert!(acquire(lease, name, holder, LONG).await, "{name:?}");
    }
    assert!(!acquire(lease, "Sweep", "a", LONG).await);
}

//! The queues of events in databases: the contract, also behind a pooler, and what they share with a store.

mod postgres;
mod sqlite;

use std::time::Duration;

use nango_core::WorkQueue;
use nango_core::testing::queue::{claim_all, push_all};

/// The lease that the suite asks for.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// Events that are pushed to one instance are claimed by the other, and each by one.
async fn two_instances_are_one_queue(one: &dyn WorkQueue, other: &dyn WorkQueue) {
    let pushed = push_all(one, 20).await;
    let first = one.claim(5).await.unwrap();
    let rest = claim_all(other).await;
    let mut keys: Vec<_> = first.iter().chain(&rest).map(|claim| claim.key.clone()).collect();
    keys.sort();
    assert_eq!(keys, pushed);
    assert!(first.iter().zip(&rest).all(|(first, rest)| first.token != rest.token));
}

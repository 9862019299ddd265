//! Guarantee 6: pending work.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rows::{again, at, fill, key, keys, one, record, update};
use crate::record::{Applied, Record};
use crate::store::ConnectionStore;
use nango_client::{ConnectionKey, Timestamp};

/// A row of which the app was not notified is pending until it is announced. Guarantee 6.
pub async fn pending_gives_unannounced_rows(store: &Arc<dyn ConnectionStore>) {
    let unheard = Record { announced: false, ..record(1) };
    let far = Record { announced: false, look_again_at: Some(at(1_000_000)), ..record(2) };
    fill(store, &[record(0), unheard.clone(), far]).await;
    assert_eq!(pending(store, at(0)).await, [key(1), key(2)]);
    let heard = Record { announced: true, ..again(&unheard) };
    assert_eq!(one(store, update(&unheard, &heard)).await, Applied::Done);
    assert_eq!(pending(store, at(0)).await, [key(2)]);
}

/// A look is due from its microsecond on. Guarantee 6.
pub async fn pending_gives_due_looks(store: &Arc<dyn ConnectionStore>) {
    let due = |n, micros| Record { look_again_at: Some(at(micros)), ..record(n) };
    let first = due(0, 1_764_000_000_000_001);
    fill(store, &[first.clone(), due(1, 1_764_000_000_000_002), due(2, -5), record(3)]).await;
    assert_eq!(pending(store, at(-6)).await, []);
    assert_eq!(pending(store, at(0)).await, [key(2)]);
    assert_eq!(pending(store, at(1_764_000_000_000_001)).await, [key(0), key(2)]);
    assert_eq!(pending(store, at(1_764_000_000_000_002)).await, [key(0), key(1), key(2)]);
    assert_eq!(one(store, update(&first, &record(0))).await, Applied::Done);
    assert_eq!(pending(store, at(1_764_000_000_000_002)).await, [key(1), key(2)]);
}

/// Looks that are due come first, and the earliest of them, however many rows wait to be announced.
/// Guarantee 6.
pub async fn pending_gives_due_looks_first(store: &Arc<dyn ConnectionStore>) {
    let unheard = |n, look_again_at: Option<i64>| Record {
        announced: false,
        look_again_at: look_again_at.map(at),
        ..record(n)
    };
    let due = |n, micros| Record { announced: true, ..unheard(n, Some(micros)) };
    // In no order, neither by key nor as they come: of each sort some are before and some behind
    // the others.
    let mut records: Vec<_> = (0..30).map(|n| unheard(n * 2, (n % 3 == 0).then_some(9))).collect();
    records.extend([due(1, 4), unheard(3, Some(1)), due(5, -7), unheard(7, Some(5)), due(9, 9)]);
    records.extend([unheard(71, Some(3)), due(73, 2), unheard(75, Some(-8)), due(77, 0)]);
    fill(store, &records).await;
    let earliest = [75, 5, 77, 3, 73, 71, 1, 7].map(key);
    for limit in 0..=earliest.len() {
        assert_eq!(keys(&store.pending(at(5), limit).await.unwrap()), earliest[..limit]);
    }
    let all = keys(&store.pending(at(5), 100).await.unwrap());
    assert_eq!(all[..earliest.len()], earliest);
    assert_eq!(all.len(), earliest.len() + 30, "and then those not announced");
}

/// At most so many rows, of both sorts together, and each once. Guarantee 6.
pub async fn pending_gives_no_more_than_the_limit(store: &Arc<dyn ConnectionStore>) {
    let both = |n: usize| Record {
        announced: !n.is_multiple_of(3),
        look_again_at: (!n.is_multiple_of(2)).then(|| at(1)),
        ..record(n)
    };
    let records: Vec<_> = (0..30).map(both).collect();
    fill(store, &records).await;
    for limit in [0, 1, 3, 10, 19, 20, 100] {
        let found = keys(&store.pending(at(1), limit).await.unwrap());
        let distinct: BTreeSet<_> = found.iter().collect();
        assert_eq!(distinct.len(), found.len(), "a row was given twice");
        assert_eq!(found.len(), limit.min(20), "of 20 pending rows");
    }
}

/// The keys that are pending, sorted.
pub(super) async fn pending(store: &dyn ConnectionStore, now: Timestamp) -> Vec<ConnectionKey> {
    let mut pending = keys(&store.pending(now, 100).await.unwrap());
    pending.sort();
    pending
}

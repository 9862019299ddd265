//! Guarantee 8: marks.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::rows::{again, assert_same, at, details, fill, find, key, one, record, update};
use crate::record::{Applied, Record};
use crate::store::ConnectionStore;

/// A mark changes the version, makes a look due, and leaves the rest of the row alone. It never
/// puts a look off. Guarantee 8.
pub async fn a_mark_changes_the_version_and_the_time_of_the_look(store: &Arc<dyn ConnectionStore>) {
    let due = |n, micros: Option<i64>| Record { look_again_at: micros.map(at), ..record(n) };
    let before =
        [due(0, None), due(1, Some(7)), due(2, Some(5_000)), Record { removed: true, ..due(3, None) }];
    fill(store, &before).await;
    let keys: Vec<_> = [0, 1, 9, 2, 3].map(key).into();
    assert_eq!(store.mark(&keys, at(40)).await.unwrap(), [true, true, false, true, true]);
    assert!(find(store, &key(9)).await.is_none(), "a mark creates no row");
    for (before, expected) in before.iter().zip([40, 7, 40, 40]) {
        let after = find(store, &before.key).await.unwrap();
        assert_ne!(after.version, before.version, "a look under way has to become stale");
        let rest = Record { version: after.version, look_again_at: Some(at(expected)), ..before.clone() };
        assert_same(Some(&after), &rest);
        assert_eq!(one(store, update(before, &again(before))).await, Applied::Stale);
    }
    assert!(store.mark(&[], at(1)).await.unwrap().is_empty());
}

/// Of many concurrent marks and compare-and-sets on one row none is lost, and no mark fails.
/// Guarantee 8.
pub async fn marks_and_writers_do_not_lose_each_other(store: &Arc<dyn ConnectionStore>) {
    const MARKS: i64 = 40;
    const WRITES: i64 = 10;

    let first = record(0);
    fill(store, std::slice::from_ref(&first)).await;
    let mut tasks = JoinSet::new();
    for marker in 0..4 {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            for n in 0..MARKS {
                let marked = store.mark(&[key(0)], at(1_000 + marker * MARKS + n)).await;
                assert_eq!(marked.unwrap(), [true], "a mark");
            }
        });
    }
    let writer = Arc::clone(store);
    tasks.spawn(async move {
        let mut written = 0;
        while written < WRITES {
            let before = find(&*writer, &key(0)).await.unwrap();
            let after = Record { details: details(before.state().incarnation + 1), ..again(&before) };
            written += i64::from(one(&*writer, update(&before, &after)).await == Applied::Done);
        }
    });
    tasks.join_all().await;
    let row = find(&**store, &key(0)).await.unwrap();
    assert_eq!(row.look_again_at, Some(at(1_000)), "the earliest of all marks");
    assert_eq!(row.state().incarnation, first.state().incarnation + WRITES, "a write was lost to a mark");
}

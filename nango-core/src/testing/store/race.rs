//! Guarantee 1, with many writers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_client::Timestamp;
use tokio::task::JoinSet;

use super::rows::{again, details, erase, fill, find, insert, key, one, record, update};
use crate::owner::Owner;
use crate::record::{Applied, Change, Record, Version};
use crate::store::{ConnectionStore, Lease};

const WRITERS: usize = 8;

/// Every write that was reported as done is there in the end: concurrent writers that count up lose
/// no count.
pub async fn concurrent_writers_lose_no_update(store: &Arc<dyn ConnectionStore>) {
    const COUNTS: i64 = 12;

    fill(store, &[counter(0)]).await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(store);
        writers.spawn(async move {
            let mut counted = 0;
            while counted < COUNTS {
                let before = find(&store, &key(0)).await.unwrap();
                let after = counter(before.state().incarnation + 1);
                if one(&store, update(&before, &after)).await == Applied::Done {
                    counted += 1;
                }
            }
        });
    }
    finish(writers).await;
    let found = find(store, &key(0)).await.unwrap();
    assert_eq!(found.state().incarnation, COUNTS * WRITERS as i64);
}

/// Of many concurrent inserts of a row, one is done.
pub async fn concurrent_inserts_have_one_winner(store: &Arc<dyn ConnectionStore>) {
    for n in 0..10 {
        let rows: Vec<_> = (0..WRITERS).map(|_| record(n)).collect();
        let done = race(store, rows.iter().map(|row| vec![insert(row)])).await;
        let winners: Vec<_> = rows.iter().zip(done).filter(|(_, done)| done == &[Applied::Done]).collect();
        assert_eq!(winners.len(), 1, "inserts that were done");
        let found = find(store, &key(n)).await.map(|row| row.version);
        assert_eq!(found, Some(winners[0].0.version), "not the row that was done");
    }
    // The very same change, from many: still done once.
    let row = record(100);
    let done = race(store, (0..WRITERS).map(|_| vec![insert(&row), insert(&record(101))])).await;
    let winners = done.iter().filter(|done| done[0] == Applied::Done).count();
    assert_eq!(winners, 1, "one change, done more than once");
}

/// Of many concurrent erasures and changes of a row, one is done.
pub async fn concurrent_erasures_have_one_winner(store: &Arc<dyn ConnectionStore>) {
    for n in 0..10 {
        let row = record(n);
        fill(store, std::slice::from_ref(&row)).await;
        let changes = (0..WRITERS).map(|writer| match writer % 2 {
            0 => vec![erase(&row)],
            _ => vec![update(&row, &again(&row))],
        });
        let done = race(store, changes).await;
        let winner = done.iter().position(|done| done == &[Applied::Done]);
        assert_eq!(done.iter().filter(|done| done == &&[Applied::Done]).count(), 1);
        let erased = winner.is_some_and(|writer| writer % 2 == 0);
        assert_eq!(find(store, &key(n)).await.is_none(), erased);
    }
}

/// Batches over the same rows in different orders neither lose an update nor wait for each other
/// for ever.
pub async fn concurrent_batches_lose_no_update(store: &Arc<dyn ConnectionStore>) {
    const ROWS: usize = 40;
    const ROUNDS: usize = 5;

    let mut rows: Vec<_> = (0..ROWS).map(record).collect();
    fill(store, &rows[..ROWS / 2]).await;
    for round in 0..ROUNDS {
        let nexts: Vec<Vec<_>> = (0..WRITERS).map(|_| rows.iter().map(again).collect()).collect();
        let changes = nexts.iter().enumerate().map(|(writer, nexts): (usize, &Vec<Record>)| {
            let change = |(n, next): (usize, &Record)| match round {
                0 if n >= ROWS / 2 => insert(next),
                _ => update(&rows[n], next),
            };
            let mut changes: Vec<_> = nexts.iter().enumerate().map(change).collect();
            changes.rotate_left(writer * ROWS / WRITERS);
            if writer % 2 == 1 {
                changes.reverse();
            }
            changes
        });
        let changes: Vec<_> = changes.collect();
        let done = race(store, changes.iter().cloned()).await;
        for (n, row) in rows.iter_mut().enumerate() {
            let winner = winner(&changes, &done, n);
            let found = find(store, &key(n)).await.unwrap();
            assert_eq!(found.version, winner, "row {n} of round {round}");
            *row = found;
        }
    }
}

/// A row that is read while it is written is the one before or the one after, whole.
pub async fn concurrent_readers_see_whole_rows(store: &Arc<dyn ConnectionStore>) {
    const WRITES: i64 = 150;

    // Every field contains the count.
    let of = |count: i64| Record {
        owner: Some(Owner::new("user", count).with_scope(Some(count))),
        announced: count % 2 == 0,
        look_again_at: Timestamp::from_micros(count),
        ..counter(count)
    };
    let mut row = of(0);
    fill(store, std::slice::from_ref(&row)).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for reader in 0..4 {
        let (store, over) = (Arc::clone(store), Arc::clone(&over));
        readers.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let found = match reader % 2 {
                    0 => find(&store, &key(0)).await,
                    _ => store.page(None, 1).await.unwrap().pop(),
                };
                let found = found.unwrap();
                let count = found.state().incarnation;
                assert_eq!(found, Record { version: found.version, ..of(count) }, "half of a row");
                tokio::task::yield_now().await;
            }
        });
    }
    for count in 1..=WRITES {
        let next = of(count);
        // Alone, and in a batch.
        let mut changes = vec![update(&row, &next)];
        if count % 2 == 0 {
            changes.push(insert(&record(count as usize)));
        }
        assert_eq!(store.apply(&changes).await.unwrap()[0], Applied::Done);
        row = next;
    }
    over.store(true, Ordering::Relaxed);
    finish(readers).await;
}

/// The version of the one change of row `n` that was done.
fn winner(changes: &[Vec<Change>], done: &[Vec<Applied>], n: usize) -> Version {
    let all = changes.iter().flatten().zip(done.iter().flatten());
    let mut winners = all.filter(|(change, done)| change.key() == &key(n) && **done == Applied::Done);
    let (winner, _) = winners.next().unwrap_or_else(|| panic!("no change of row {n} was done"));
    assert!(winners.next().is_none(), "two changes of row {n} were done");
    winner.next().unwrap().version
}

fn counter(count: i64) -> Record {
    Record { details: details(count), ..record(0) }
}

/// Applies all of these at once.
async fn race(
    store: &Arc<dyn ConnectionStore>,
    changes: impl Iterator<Item = Vec<Change>>,
) -> Vec<Vec<Applied>> {
    let barrier = Arc::new(tokio::sync::Barrier::new(WRITERS));
    let mut tasks = Vec::new();
    for changes in changes {
        let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            store.apply(&changes).await.unwrap()
        }));
    }
    let mut applied = Vec::new();
    for task in tasks {
        applied.push(task.await.unwrap());
    }
    applied
}

async fn finish(mut tasks: JoinSet<()>) {
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

async fn acquire(lease: &dyn Lease, name: &str, holder: &str, span: Duration) -> bool {
    lease.acquire(name, holder, span).await.unwrap()
}

/// A lease has one holder at a time, which may prolong it; of many concurrent callers one acquires
/// it.
pub async fn a_lease_has_one_holder(store: &Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    assert!(acquire(lease, "sweep", "a", LONG).await);
    assert!(!acquire(lease, "sweep", "b", LONG).await);
    assert!(acquire(lease, "sweep", "a", LONG).await, "the holder may prolong");
    assert!(!acquire(lease, "sweep", "A", LONG).await, "holders compare byte by byte");

    let mut tasks = JoinSet::new();
    for n in 0..8 {
        let store = Arc::clone(store);
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
pub async fn a_lease_ends_by_itself(store: &Arc<dyn ConnectionStore>) {
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
pub async fn a_lease_is_released_by_its_holder_only(store: &Arc<dyn ConnectionStore>) {
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
pub async fn leases_have_names(store: &Arc<dyn ConnectionStore>) {
    let Some(lease) = store.lease() else { return };
    for (name, holder) in [("sweep", "a"), ("Sweep", "b"), ("sweep ", "c"), ("drain", "a")] {
        assert!(acquire(lease, name, holder, LONG).await, "{name:?}");
    }
    assert!(!acquire(lease, "Sweep", "a", LONG).await);
}

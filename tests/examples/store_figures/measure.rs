//! What is measured: the store and the bare loop in turns, since the machine does not stand still
//! while this runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_core::testing::store::{again, insert, live, update};
use nango_core::{Applied, Change, ConnectionKey, ConnectionStore, Owner, Record};

use crate::bare::Bare;
use crate::say::Say;

const SPAN: Duration = Duration::from_secs(1);
const TURNS: usize = 5;
/// The sweep's.
const PAGE: usize = 1000;
/// Connections of one owner.
const OF_ONE: usize = 3;
const LISTS: usize = 300;

pub(crate) async fn all(
    say: &Say,
    store: Arc<dyn ConnectionStore>,
    bare: &Option<Arc<dyn Bare>>,
    rows: usize,
) {
    let first = fill(&*store, 0, 1000).await;
    lists(say, "1,000 rows", &*store, bare, 1000).await;
    for writers in [1, 16] {
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            let ours = applies(&first, writers, &store).await;
            let theirs = match bare {
                Some(bare) => Some(bare_updates(&*store, writers, bare).await),
                None => None,
            };
            turns.push((ours, theirs));
        }
        say.turns(&format!("applies, {writers} writers"), &turns, "/s");
    }
    bulk_inserts(say, &*store, bare, rows).await;
    bulk_updates(say, &*store, bare).await;
    lists(say, &format!("{rows} rows"), &*store, bare, rows).await;

    let (pages, walk) = walk(&*store).await;
    say.one("page of 1000, mean of a whole walk", walk.as_micros() as f64 / pages as f64, "us");
    let mut times = Vec::new();
    for _ in 0..LISTS {
        let began = Instant::now();
        store.pending(nango_core::Timestamp::now(), 100).await.unwrap();
        times.push(began.elapsed());
    }
    say.one("pending, nothing is, median", median(times), "us");
    if let Some(bare) = bare {
        let bytes = |all: i64| all as f64 / rows as f64;
        let [stored, told] = [bytes(bare.bytes().await), bytes(bare.payload().await)];
        say.turns("bytes per row with indexes; its values", &[(stored, Some(told))], "");
    }
}

fn key(n: usize) -> ConnectionKey {
    let integration = ["slack", "hubspot", "google-calendar", "openai", "freshdesk"][n % 5];
    // As random as Nango's, and the same in each run.
    let mixed = (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let id = format!("{mixed:032x}");
    ConnectionKey::new(
        integration,
        format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]),
    )
}

fn owner(n: usize) -> Owner {
    Owner::new("user", n / OF_ONE)
}

fn records(from: usize, to: usize) -> Vec<Record> {
    (from..to).map(|n| live(key(n), owner(n))).collect()
}

async fn fill(store: &dyn ConnectionStore, from: usize, to: usize) -> Vec<Record> {
    let records = records(from, to);
    apply(store, &records.iter().map(insert).collect::<Vec<_>>()).await;
    records
}

async fn apply(store: &dyn ConnectionStore, changes: &[Change]) {
    assert!(store.apply(changes).await.unwrap().iter().all(|applied| *applied == Applied::Done));
}

/// Each writer has rows of its own, and writes them in turn.
async fn applies(rows: &[Record], writers: usize, store: &Arc<dyn ConnectionStore>) -> f64 {
    let mut tasks = Vec::new();
    let began = Instant::now();
    for rows in rows.chunks(rows.len() / writers).take(writers) {
        let (store, keys) = (Arc::clone(store), rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
        tasks.push(tokio::spawn(async move {
            let mut rows: Vec<_> = store.get(&keys).await.unwrap().into_iter().flatten().collect();
            let mut done = 0;
            while began.elapsed() < SPAN {
                let place = done % rows.len();
                let next = again(&rows[place]);
                apply(&*store, &[update(&rows[place], &next)]).await;
                rows[place] = next;
                done += 1;
            }
            done
        }));
    }
    sum(tasks, began).await
}

async fn bare_updates(store: &dyn ConnectionStore, writers: usize, bare: &Arc<dyn Bare>) -> f64 {
    let rows = store.page(None, 1000).await.unwrap();
    let mut tasks = Vec::new();
    let began = Instant::now();
    for rows in rows.chunks(rows.len() / writers).take(writers) {
        let (bare, mut rows) = (Arc::clone(bare), rows.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut done = 0;
            while began.elapsed() < SPAN {
                let place = done % rows.len();
                let next = again(&rows[place]);
                assert_eq!(bare.update(&rows[place], &next).await, 1);
                rows[place] = next;
                done += 1;
            }
            done
        }));
    }
    sum(tasks, began).await
}

async fn sum(tasks: Vec<tokio::task::JoinHandle<usize>>, began: Instant) -> f64 {
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    per_second(done, began.elapsed())
}

/// A page from the store, then one from the loop, until the table is full.
async fn bulk_inserts(say: &Say, store: &dyn ConnectionStore, bare: &Option<Arc<dyn Bare>>, rows: usize) {
    let (mut ours, mut theirs) = ((0, Duration::ZERO), (0, Duration::ZERO));
    for start in (1000..rows).step_by(PAGE) {
        let page = records(start, rows.min(start + PAGE));
        let (bare, time) = match bare {
            Some(bare) if (start / PAGE).is_multiple_of(2) => (Some(bare), &mut theirs),
            _ => (None, &mut ours),
        };
        let changes: Vec<_> = page.iter().map(insert).collect();
        let began = Instant::now();
        match bare {
            Some(bare) => bare.insert_many(&page).await,
            None => apply(store, &changes).await,
        }
        time.0 += page.len();
        time.1 += began.elapsed();
    }
    let theirs = bare.is_some().then(|| per_second(theirs.0, theirs.1));
    say.turns("bulk inserts, slices of 1000", &[(per_second(ours.0, ours.1), theirs)], "rows/s");
}

async fn bulk_updates(say: &Say, store: &dyn ConnectionStore, bare: &Option<Arc<dyn Bare>>) {
    const PAGES: usize = 20;

    for size in [1000, 4000] {
        let mut turns = Vec::new();
        let mut last = None;
        for _ in 0..PAGES {
            let page = store.page(last.as_ref(), size).await.unwrap();
            let Some(row) = page.last() else { break };
            last = Some(row.key.clone());
            let after: Vec<_> = page.iter().map(again).collect();
            let changes: Vec<_> =
                page.iter().zip(&after).map(|(before, after)| update(before, after)).collect();
            let began = Instant::now();
            apply(store, &changes).await;
            let ours = per_second(page.len(), began.elapsed());
            let theirs = match bare {
                Some(bare) => {
                    let rows: Vec<_> = after.iter().map(|row| (row.clone(), again(row))).collect();
                    let began = Instant::now();
                    bare.update_many(&rows).await;
                    Some(per_second(rows.len(), began.elapsed()))
                }
                None => None,
            };
            turns.push((ours, theirs));
        }
        say.turns(&format!("bulk updates, slices of {size}"), &turns, "rows/s");
    }
}

/// Owners all over the table, each once, and a few of them again and again: the difference is the
/// database's cache. The two never ask for the same owner, or the second would find it in the cache
/// of the first.
async fn lists(say: &Say, at: &str, store: &dyn ConnectionStore, bare: &Option<Arc<dyn Bare>>, rows: usize) {
    for (what, owners) in [("each once", LISTS), ("the same ten", 10)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for n in 0..LISTS {
            let of = |n: usize| owner((n % owners) * 7919 % rows);
            let began = Instant::now();
            assert!(!store.list(&of(n)).await.unwrap().is_empty());
            ours.push(began.elapsed());
            if let Some(bare) = bare {
                let other = of(n + LISTS);
                let other = if owners == LISTS { owner((n + LISTS) * 7919 % rows) } else { other };
                let began = Instant::now();
                assert!(bare.list(&other).await > 0);
                theirs.push(began.elapsed());
            }
        }
        let theirs = bare.is_some().then(|| median(theirs));
        say.turns(&format!("list at {at}, {what}, median"), &[(median(ours), theirs)], "us");
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_nanos() as f64 / 1000.0
}

async fn walk(store: &dyn ConnectionStore) -> (usize, Duration) {
    let began = Instant::now();
    let (mut pages, mut last) = (0, None);
    loop {
        let page = store.page(last.as_ref(), PAGE).await.unwrap();
        let Some(row) = page.last() else { return (pages.max(1), began.elapsed()) };
        last = Some(row.key.clone());
        pages += 1;
    }
}

fn per_second(done: usize, span: Duration) -> f64 {
    done as f64 / span.as_secs_f64()
}

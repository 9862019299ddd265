//! What is measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_core::testing::store::{again, insert, live, update};
use nango_core::{Applied, Change, ConnectionRef, ConnectionStore, Owner, Record};

use crate::bare::Bare;

pub(crate) const HEAD: &str = "backend      measure                                  store        bare";

const SPAN: Duration = Duration::from_secs(1);
const TURNS: u32 = 4;
const PAGE: usize = 1000;
/// Connections of one owner.
const OF_ONE: usize = 3;

pub(crate) async fn all(name: &str, store: Arc<dyn ConnectionStore>, bare: Arc<dyn Bare>, rows: usize) {
    let say = |what: &str, ours: f64, theirs: Option<f64>, unit: &str| {
        let theirs = theirs.map_or_else(|| "-".to_owned(), |theirs| format!("{theirs:.0}"));
        println!("{name:12} {what:36} {ours:>9.0} {theirs:>11} {unit}");
    };
    let has_bare = name != "memory";

    let first = fill(&*store, 0, 1000).await;
    let (ours, theirs) = lists(&*store, &*bare, 1000).await;
    say("list at 1,000 rows, median", ours, has_bare.then_some(theirs), "us");

    for writers in [1, 16] {
        // In turns: the machine does not stand still while this runs.
        let (mut ours, mut theirs) = (0.0, 0.0);
        for _ in 0..TURNS {
            ours += applies(&first, writers, &store).await / f64::from(TURNS);
            if has_bare {
                theirs += bare_updates(&*store, writers, &bare).await / f64::from(TURNS);
            }
        }
        let theirs = has_bare.then_some(theirs);
        say(&format!("applies, {writers} writers"), ours, theirs, "/s");
    }

    let began = Instant::now();
    fill(&*store, 1000, rows).await;
    say("bulk inserts", per_second(rows - 1000, began), None, "rows/s");
    let (ours, theirs) = bulk_updates(&*store, &*bare, has_bare).await;
    say("bulk updates, slices of 1000", ours, theirs, "rows/s");

    let (ours, theirs) = lists(&*store, &*bare, rows).await;
    say(&format!("list at {rows} rows, median"), ours, has_bare.then_some(theirs), "us");
    let (pages, walk) = walk(&*store).await;
    say("page of 1000, mean of a whole walk", walk.as_micros() as f64 / pages as f64, None, "us");
    let began = Instant::now();
    for _ in 0..100 {
        store.pending(nango_core::Timestamp::now(), 100).await.unwrap();
    }
    say("pending, nothing is", began.elapsed().as_micros() as f64 / 100.0, None, "us");
    if has_bare {
        say("bytes per row, with indexes", bare.bytes().await as f64 / rows as f64, None, "");
    }
}

fn key(n: usize) -> ConnectionRef {
    let integration = ["slack", "hubspot", "google-calendar", "openai", "freshdesk"][n % 5];
    // As random as Nango's, and the same in each run.
    let mixed = (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let id = format!("{mixed:032x}");
    ConnectionRef::new(
        integration,
        format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]),
    )
}

fn owner(n: usize) -> Owner {
    Owner::new("user", n / OF_ONE)
}

async fn fill(store: &dyn ConnectionStore, from: usize, to: usize) -> Vec<Record> {
    let mut filled = Vec::new();
    for start in (from..to).step_by(PAGE) {
        let records: Vec<_> = (start..to.min(start + PAGE)).map(|n| live(key(n), owner(n))).collect();
        let changes: Vec<_> = records.iter().map(insert).collect();
        assert!(store.apply(&changes).await.unwrap().iter().all(|applied| *applied == Applied::Done));
        if from == 0 {
            filled.extend(records);
        }
    }
    filled
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
                assert_eq!(store.apply(&[update(&rows[place], &next)]).await.unwrap(), [Applied::Done]);
                rows[place] = next;
                done += 1;
            }
            done
        }));
    }
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    per_second(done, began)
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
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    per_second(done, began)
}

async fn bulk_updates(store: &dyn ConnectionStore, bare: &dyn Bare, has_bare: bool) -> (f64, Option<f64>) {
    const PAGES: usize = 20;

    let mut pages = Vec::new();
    let mut last = None;
    for _ in 0..PAGES {
        let page = store.page(last.as_ref(), PAGE).await.unwrap();
        let Some(row) = page.last() else { break };
        last = Some(row.key.clone());
        pages.push(page.iter().map(|row| (row.clone(), again(row))).collect::<Vec<_>>());
    }
    let (mut rows, mut ours, mut theirs) = (0, Duration::ZERO, Duration::ZERO);
    for page in pages {
        rows += page.len();
        let changes: Vec<Change> = page.iter().map(|(before, after)| update(before, after)).collect();
        let began = Instant::now();
        assert!(store.apply(&changes).await.unwrap().iter().all(|applied| *applied == Applied::Done));
        ours += began.elapsed();
        let again: Vec<_> = page.into_iter().map(|(_, after)| (after.clone(), again(&after))).collect();
        let began = Instant::now();
        bare.update_many(&again).await;
        theirs += began.elapsed();
    }
    let per_second = |span: Duration| rows as f64 / span.as_secs_f64();
    (per_second(ours), has_bare.then(|| per_second(theirs)))
}

/// Medians, in microseconds, of owners all over the table.
async fn lists(store: &dyn ConnectionStore, bare: &dyn Bare, rows: usize) -> (f64, f64) {
    const LISTS: usize = 301;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for n in 0..LISTS {
        let owner = owner(n * 7919 % rows);
        let began = Instant::now();
        let found = store.list(&owner).await.unwrap().len();
        ours.push(began.elapsed());
        assert!(found > 0);
        let began = Instant::now();
        bare.list(&owner).await;
        theirs.push(began.elapsed());
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[LISTS / 2].as_micros() as f64
    };
    (median(ours), median(theirs))
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

fn per_second(done: usize, began: Instant) -> f64 {
    done as f64 / began.elapsed().as_secs_f64()
}

//! Events that always fail, and events that end their process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_core::WorkQueue as _;
use nango_tests::open_queue;
use tokio::time::sleep;

use super::Place;
use super::fleet::Fleet;
use super::journal::Journal;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_gives_up_what_ends_workers_and_nothing_else() {
    bad_events_stop_no_other(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn postgres_gives_up_what_ends_workers_and_nothing_else() {
    bad_events_stop_no_other(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn nats_gives_up_what_ends_workers_and_nothing_else() {
    bad_events_stop_no_other(Place::nats()).await;
}

async fn bad_events_stop_no_other(place: Place) {
    let place = Arc::new(place);
    let fleet = Fleet::start(&place, 1, 2, &[("TEST_LEASE_MILLIS", "1000")]);
    let mut marks = Vec::new();
    for number in 0..100 {
        let does = match number {
            30 => "abort",
            60 => "fail",
            _ => "succeed",
        };
        let mark = format!("{does}-{number}");
        assert!(fleet.deliver(&mark, does).await);
        marks.push(mark);
    }
    let queue = open_queue(&place.url, &place.prefix, Duration::from_secs(1)).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        fleet.replace_dead();
        let depth = queue.depth().await.unwrap();
        if (depth.waiting, depth.claimed) == (0, 0) {
            break;
        }
        assert!(Instant::now() < deadline, "{depth}");
        sleep(Duration::from_millis(50)).await;
    }
    let journal = Journal::read(&place);
    for mark in &marks {
        let (runs, handled) = (journal.runs(mark).len(), journal.handled(mark));
        match mark.split_once('-').unwrap().0 {
            // Each time a worker ended. On a busy machine a claim may end before its worker has begun.
            "abort" => {
                assert!(handled == 0 && (4..=5).contains(&runs), "{runs} runs of one that ends its worker");
            }
            "fail" => assert!(handled == 0 && (4..10).contains(&runs), "{runs} runs of one that fails"),
            _ => assert!(handled > 0, "{mark}"),
        }
    }
    let mut dead = queue.dead_letters(None, 10).await.unwrap();
    dead.sort_by_key(|letter| letter.deaths);
    let counts: Vec<_> = dead.iter().map(|letter| (letter.failures, letter.deaths >= 5)).collect();
    assert_eq!(counts, [(4, false), (0, true)], "{dead:?}");
    assert_eq!(dead[0].reason, "on purpose");
}

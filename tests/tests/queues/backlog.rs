//! Events that were pushed while no worker ran.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nango_core::WorkQueue;
use nango_core::testing::queue::push_all;
use nango_tests::open_queue;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::fleet::Fleet;
use super::{Place, number};

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_handles_a_backlog_on_sqlite_in_flat_memory() {
    a_backlog_is_handled_in_flat_memory(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn one_worker_handles_a_backlog_on_postgres_in_flat_memory() {
    a_backlog_is_handled_in_flat_memory(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn one_worker_handles_a_backlog_on_nats_in_flat_memory() {
    a_backlog_is_handled_in_flat_memory(Place::nats()).await;
}

/// Returns the number of events that wait, or very many while a busy server does not say.
async fn waiting(queue: &dyn WorkQueue) -> u64 {
    queue.depth().await.map_or(u64::MAX, |depth| depth.waiting)
}

/// `NANGO_TEST_BACKLOG=100000` is the long run.
async fn a_backlog_is_handled_in_flat_memory(place: Place) {
    let events = number("NANGO_TEST_BACKLOG", 4_000);
    let place = Arc::new(place);
    let queue = open_queue(&place.url, &place.prefix, Duration::from_secs(30)).await.unwrap();
    let began = Instant::now();
    let mut pushes = JoinSet::new();
    for _ in 0..16 {
        let queue = Arc::clone(&queue);
        pushes.spawn(async move { push_all(&*queue, events / 16).await.len() });
    }
    let pushed: usize = pushes.join_all().await.into_iter().sum();
    let pushing = began.elapsed();
    // To count what waits costs time itself.
    let pause = (pushing / 50).clamp(Duration::from_millis(50), Duration::from_secs(2));
    let began = Instant::now();
    let environment =
        [("TEST_HANDLER_MILLIS", "0"), ("TEST_CONCURRENCY", "16"), ("TEST_LEASE_MILLIS", "30000")];
    let fleet = Fleet::start(&place, 0, 1, &environment);
    let first = loop {
        let memory = fleet.peak_memory();
        if waiting(&*queue).await < pushed as u64 * 9 / 10 {
            break memory;
        }
        sleep(pause).await;
    };
    while waiting(&*queue).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(600));
        sleep(pause).await;
    }
    let peak = fleet.peak_memory();
    println!(
        "{}: {pushed} events pushed in {pushing:?}, handled by one worker in {:?}; its peak was {first} KiB after a tenth \
         and {peak} KiB at the end",
        place.url.split(':').next().unwrap_or_default(),
        began.elapsed(),
    );
    assert!(peak < first + 8 * 1024, "{first} KiB after a tenth, and {peak} KiB at the end");
    let depth = queue.depth().await.unwrap();
    assert_eq!(depth.dead, 0);
}

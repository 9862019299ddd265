//! Waits for events.

use std::time::Duration;

use nango_core::testing::queue::{claim_one, event};
use nango_core::{EventQueue as _, Outcome, Settlement, WorkQueue as _};
use tokio::time::{Instant, sleep, timeout};

use crate::handler::{Handler, nango};
use crate::server::{LEASE, Streams, url};

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_wait_ends_with_the_next_event() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    let began = Instant::now();
    queue.wait(Duration::from_millis(300)).await;
    assert!(began.elapsed() >= Duration::from_millis(200), "there is none");
    let began = Instant::now();
    let push = async {
        sleep(Duration::from_millis(300)).await;
        other.push(&event(1)).await.unwrap();
    };
    tokio::join!(queue.wait(Duration::from_secs(10)), push);
    assert!(began.elapsed() < Duration::from_secs(2), "another process has pushed: {:?}", began.elapsed());
    let claim = claim_one(&queue).await;
    assert_eq!((claim.failures, claim.deaths), (0, 0));
    assert!(other.claim(1).await.unwrap().is_empty());
}

/// A worker drops its wait whenever a handler ends.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_wait_that_is_dropped_costs_no_lease_and_counts_no_death() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    assert!(timeout(Duration::from_millis(50), queue.wait(Duration::from_secs(3))).await.is_err());
    other.push(&event(1)).await.unwrap();
    let began = Instant::now();
    let claim = loop {
        if let Some(claim) = other.claim(1).await.unwrap().pop() {
            break claim;
        }
        assert!(began.elapsed() < Duration::from_secs(4));
        sleep(Duration::from_millis(20)).await;
    };
    assert!(began.elapsed() < Duration::from_millis(1_800), "it went back: {:?}", began.elapsed());
    assert_eq!((claim.failures, claim.deaths), (0, 0));
    sleep(LEASE / 2).await;
    other.settle(&[Settlement::new(claim, Outcome::Done)]).await.unwrap();
}

/// The time from a push to its handler, where the worker has nothing else to do.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn an_idle_worker_does_not_wait_for_its_poll() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let handler = Handler::default();
    let worker =
        nango(&handler).event_worker(queue.clone()).poll_interval(Duration::from_secs(20)).spawn().unwrap();
    sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    for number in 1..=20 {
        queue.push(&event(number)).await.unwrap();
        while handler.count() < number {
            assert!(began.elapsed() < Duration::from_secs(10), "{number}");
            sleep(Duration::from_millis(1)).await;
        }
    }
    println!("{:?} each", began.elapsed() / 20);
    worker.stop().await;
    assert_eq!(queue.depth().await.unwrap().claimed, 0);
}

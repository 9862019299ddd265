//! Waits for events.

use std::time::Duration;

use nango_core::testing::queue::{claim_one, event};
use nango_core::{EventQueue as _, Outcome, Settlement, WorkQueue as _};
use nango_nats::async_nats;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::handler::{Handler, nango};
use crate::raw::recreate_consumer;
use crate::server::{LEASE, Server, Streams, url};

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

/// What is pushed after an interruption would wait for the worker's next poll.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_wait_ends_when_its_connection_is_lost() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    let began = Instant::now();
    let restart = async {
        sleep(Duration::from_millis(300)).await;
        server.kill();
        server.restart();
    };
    tokio::join!(queue.wait(Duration::from_secs(20)), restart);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_wait_that_the_server_refuses_is_not_repeated_at_once() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    recreate_consumer(&client, streams.prefix(), |config| config["max_waiting"] = json!(1)).await;
    let other = streams.queue().await;
    assert!(timeout(Duration::from_millis(100), other.wait(Duration::from_secs(5))).await.is_err());
    let began = Instant::now();
    queue.wait(Duration::from_secs(3)).await;
    assert!(began.elapsed() > Duration::from_millis(200), "{:?}", began.elapsed());
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

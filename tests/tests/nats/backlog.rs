//! A large backlog: `NANGO_TEST_FULL_BACKLOG=1` makes it one of 100,000 events.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use nango_core::testing::queue::{event, push_all};
use nango_core::{EventQueue as _, QueueDepth, WorkQueue as _};
use nango_nats::async_nats;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::handler::{Handler, nango};
use crate::raw::api;
use crate::server::{Server, Streams, url};

/// The memory of this process, in MiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_backlog_is_handled_in_memory_that_does_not_grow() {
    let events = if std::env::var_os("NANGO_TEST_FULL_BACKLOG").is_some() { 100_000 } else { 3_000 };
    let server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    let began = Instant::now();
    stream::iter(0..events)
        .for_each_concurrent(64, |number| {
            let queue = queue.clone();
            async move { queue.push(&event(number)).await.unwrap() }
        })
        .await;
    println!("pushed {events} in {:?}, {} MiB", began.elapsed(), memory());
    let began = Instant::now();
    let depth = queue.depth().await.unwrap();
    println!("counted {depth} in {:?}", began.elapsed());
    assert_eq!(depth.waiting, events as u64);

    let handler = Handler::default();
    let before = memory();
    let began = Instant::now();
    let worker = nango(&handler).event_worker(queue.clone()).concurrency(32).spawn().unwrap();
    let mut most = before;
    while handler.count() < events {
        assert!(began.elapsed() < Duration::from_secs(600), "{} of {events}", handler.count());
        sleep(Duration::from_millis(100)).await;
        most = most.max(memory());
    }
    println!("handled {events} in {:?}, from {before} to at most {most} MiB", began.elapsed());
    worker.stop().await;
    assert_eq!(queue.depth().await.unwrap().claimed, 0);
    assert!(handler.handled().values().all(|times| *times == 1));
    // The handler's own notes are in it.
    assert!(most < before + 64, "{before} to {most} MiB");
}

/// The server refuses a pull of a number that it cannot read.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_claim_without_a_limit_is_of_all_events() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let keys = push_all(&queue, 200).await;
    let claimed: Vec<_> = queue.claim(usize::MAX).await.unwrap().into_iter().map(|claim| claim.key).collect();
    assert_eq!(claimed.len(), 200);
    assert!(keys.iter().all(|key| claimed.contains(key)));
}

/// Observed on 2.9.10: a consumer still counts records that were erased since it was made, and leaves a request for those unanswered.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn events_are_counted_while_records_are_erased() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    let (subject, call) =
        (format!("{}.claims", streams.prefix()), format!("STREAM.MSG.DELETE.{}_claims", streams.prefix()));
    let (began, mut rounds, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    while began.elapsed() < Duration::from_secs(5) {
        let mut sequences = Vec::new();
        for number in 0..50 {
            let reply = client.request(format!("{subject}.{number}"), "no record".into()).await.unwrap();
            sequences.push(serde_json::from_slice::<Value>(&reply.payload).unwrap()["seq"].clone());
        }
        let counted = async {
            let asked = Instant::now();
            assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
            asked.elapsed()
        };
        let erased = async {
            for sequence in &sequences {
                api(&client, &call, json!({ "seq": sequence })).await;
            }
        };
        let (took, ()) = tokio::join!(counted, erased);
        slowest = slowest.max(took);
        rounds += 1;
    }
    println!("{rounds} counts, {slowest:?} at most");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}

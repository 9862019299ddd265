//! What workers and servers that end at the wrong time leave behind.

use std::time::Duration;

use nango_core::testing::queue::{claim_all, claim_one, event, push_all};
use nango_core::{EventQueue as _, Outcome, QueueDepth, Settlement, WorkQueue as _};
use nango_nats::{NatsEventQueue, async_nats};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::raw::{api, event_of, write_state};
use crate::server::{LEASE, Streams, url};

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn an_end_that_was_interrupted_is_completed_by_the_next_worker() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    push_all(&queue, 2).await;
    let claims = claim_all(&queue).await;
    write_state(&client, streams.prefix(), &claims[0], json!("done")).await;
    write_state(&client, streams.prefix(), &claims[1], json!({ "dead": { "reason": "no" } })).await;
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(2, 0, 0));
    let began = Instant::now();
    while queue.depth().await.unwrap() != QueueDepth::new(0, 0, 1) {
        assert!(queue.claim(10).await.unwrap().is_empty(), "neither is handled again");
        assert!(began.elapsed() < LEASE * 4);
        sleep(Duration::from_millis(50)).await;
    }
    let letter = queue.dead_letters(None, 10).await.unwrap().remove(0);
    assert_eq!(
        (letter.key.as_str(), letter.failures, letter.reason.as_str()),
        (claims[1].key.as_str(), 7, "no")
    );
    // Replayed, it has nothing of its earlier life.
    assert!(queue.replay(&letter.key).await.unwrap());
    let again = claim_one(&queue).await;
    assert_eq!((again.failures, again.deaths), (0, 0));
}

/// The record goes last, so that it may be left over; the key may come back by a replay.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_record_that_was_left_over_does_not_count() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    push_all(&queue, 1).await;
    let claim = claim_one(&queue).await;
    let dead = Outcome::Dead { failures: 7, reason: "no".to_owned() };
    queue.settle(&[Settlement::new(claim.clone(), dead)]).await.unwrap();
    write_state(&client, streams.prefix(), &claim, json!({ "dead": { "reason": "no" } })).await;
    assert!(queue.replay(&claim.key).await.unwrap());
    let again = claim_one(&queue).await;
    assert_eq!((again.failures, again.deaths, &again.key), (0, 0, &claim.key));
    queue.settle(&[Settlement::new(again, Outcome::Done)]).await.unwrap();

    // One whose event has gone is erased at the next start.
    write_state(&client, streams.prefix(), &claim, json!("done")).await;
    let records = async || {
        let info = api(&client, &format!("STREAM.INFO.{}_claims", streams.prefix()), json!({})).await;
        info["state"]["messages"].as_u64().unwrap()
    };
    assert!(records().await > 0);
    streams.queue().await;
    let began = Instant::now();
    while records().await > 0 {
        assert!(began.elapsed() < LEASE);
        sleep(Duration::from_millis(20)).await;
    }
}

/// A server that is not killed meanwhile forgets events that are gone, whoever has deleted them.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn events_that_another_client_deletes_hold_up_no_others() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    queue.push(&event(0)).await.unwrap();
    let oldest = claim_one(&queue).await;
    queue
        .settle(&[Settlement::new(oldest, Outcome::Failed { retry_after: Duration::from_secs(3_600) })])
        .await
        .unwrap();
    push_all(&queue, 200).await;
    for claim in claim_all(&queue).await {
        let call = format!("STREAM.MSG.DELETE.{}_events", streams.prefix());
        api(&client, &call, json!({ "seq": event_of(&claim.token), "no_erase": true })).await;
    }
    sleep(LEASE * 2).await;
    let began = Instant::now();
    push_all(&queue, 10).await;
    let mut claimed = 0;
    while claimed < 10 {
        claimed += queue.claim(4).await.unwrap().len();
        assert!(began.elapsed() < LEASE * 4, "{claimed} of 10");
        sleep(Duration::from_millis(100)).await;
    }
    let waits_for = async || {
        let info =
            api(&client, &format!("CONSUMER.INFO.{}_events.workers", streams.prefix()), Value::Null).await;
        info["num_ack_pending"].as_u64().unwrap()
    };
    while waits_for().await > 11 {
        queue.claim(4).await.unwrap();
        assert!(began.elapsed() < LEASE * 4, "it waits for {}", waits_for().await);
        sleep(Duration::from_millis(100)).await;
    }
}

/// The other way round: what the consumer takes for acknowledged it would never deliver.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn an_event_that_the_consumer_has_forgotten_is_delivered() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    queue.push(&event(0)).await.unwrap();
    let claim = claim_one(&queue).await;
    let reply = claim.token.splitn(4, '.').nth(3).unwrap().to_owned();
    client.request(reply, "+ACK".into()).await.unwrap();
    let began = Instant::now();
    let again = loop {
        if let Some(claim) = queue.claim(1).await.unwrap().pop() {
            break claim;
        }
        assert!(began.elapsed() < LEASE * 4, "it is never delivered");
        sleep(Duration::from_millis(50)).await;
    };
    assert!(began.elapsed() > LEASE - Duration::from_millis(300), "the claim holds until its end");
    assert_eq!((again.key, again.failures, again.deaths), (claim.key, 0, 1));
}

/// Without its consumer, a queue has no more than its records.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_consumer_that_was_deleted_changes_nothing() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    push_all(&queue, 3).await;
    let mut claims = claim_all(&queue).await;
    let pause = Duration::from_secs(600);
    queue.settle(&[Settlement::new(claims.remove(0), Outcome::Failed { retry_after: pause })]).await.unwrap();
    api(&client, &format!("CONSUMER.DELETE.{}_events.workers", streams.prefix()), Value::Null).await;
    assert_eq!(queue.renew(&claims).await.unwrap(), [true, true]);
    let early = queue.claim(10).await.unwrap();
    assert!(early.is_empty(), "one waits, two are held: {early:?}");
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 2, 0));
    assert_eq!(queue.renew(&claims).await.unwrap(), [true, true]);
    let done: Vec<_> = claims.into_iter().map(|claim| Settlement::new(claim, Outcome::Done)).collect();
    queue.settle(&done).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    sleep(LEASE * 2).await;
    assert!(queue.claim(10).await.unwrap().is_empty());
}

/// Repairs are left to the app.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_tool_leaves_the_consumer_as_it_is() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    queue.push(&event(0)).await.unwrap();
    let claim = claim_one(&queue).await;
    let reply = claim.token.splitn(4, '.').nth(3).unwrap().to_owned();
    client.request(reply, "+ACK".into()).await.unwrap();
    let tool = NatsEventQueue::connect_with(&url(), &streams.options().create(false)).await.unwrap();
    let made = async || {
        let call = format!("CONSUMER.INFO.{}_events.workers", streams.prefix());
        api(&client, &call, Value::Null).await["created"].to_string()
    };
    let before = made().await;
    assert!(tool.claim(1).await.unwrap().is_empty(), "the consumer has forgotten it");
    assert_eq!(made().await, before);
    sleep(LEASE).await;
    queue.claim(1).await.unwrap();
    assert_ne!(made().await, before, "a worker's claim repairs it");
}

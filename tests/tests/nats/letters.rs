//! Dead letters whose worker, or whose replay, ended before it was through.

use std::time::Duration;

use futures_util::future::join_all;
use nango_core::testing::queue::{claim_all, claim_one, event, push_all};
use nango_core::{Claim, EventQueue as _, Outcome, QueueDepth, Settlement, StoreError, WorkQueue as _};
use nango_nats::{NatsEventQueue, async_nats};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::raw::{api, event_of, forget_duplicates};
use crate::server::{LEASE, Server, Streams, url};

/// Users who end early: what the server does not let them do, they have not come to.
const USERS: &str = r#"authorization { users = [
    { user: whole, password: whole }
    { user: erases_nothing, password: erases_nothing, permissions: { publish: { deny: [
        "$JS.ACK.>", "$JS.API.STREAM.MSG.DELETE.>"
    ] } } }
    { user: writes_no_letter, password: writes_no_letter, permissions: { publish: { deny: ["*.dead.*"] } } }
] }"#;

fn given_up(claim: &Claim) -> Settlement {
    Settlement::new(claim.clone(), Outcome::Dead { failures: 7, reason: "no".to_owned() })
}

async fn give_up(queue: &NatsEventQueue, claim: &Claim) -> Result<(), StoreError> {
    queue.settle(&[given_up(claim)]).await
}

/// Claims for as long as an event that was left behind would need to come again.
async fn claim_next(queue: &NatsEventQueue) -> Option<Claim> {
    let began = Instant::now();
    while began.elapsed() < LEASE * 3 {
        if let Some(claim) = queue.claim(1).await.unwrap().pop() {
            return Some(claim);
        }
        sleep(Duration::from_millis(50)).await;
    }
    None
}

/// Handles the one event that there is, as one of a new life, after which nothing is left.
async fn handle_the_only_one(queue: &NatsEventQueue, key: &str) {
    let claim = claim_next(queue).await.unwrap();
    assert_eq!((claim.key.as_str(), claim.failures, claim.deaths), (key, 0, 0));
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 1, 0));
    queue.settle(&[Settlement::new(claim, Outcome::Done)]).await.unwrap();
    nothing_comes(queue, QueueDepth::default()).await;
}

async fn nothing_comes(queue: &NatsEventQueue, depth: QueueDepth) {
    assert_eq!(queue.depth().await.unwrap(), depth);
    let left = claim_next(queue).await;
    assert!(left.is_none(), "{left:?}");
    assert_eq!(queue.depth().await.unwrap(), depth);
}

/// A queue, and a letter of it whose event was not erased.
async fn letter_beside_its_event(server: &Server) -> (Streams, NatsEventQueue, String) {
    let streams = Streams::at(&server.url_of("whole"));
    let queue = streams.queue().await;
    let interrupted = streams.queue_at(&server.url_of("erases_nothing")).await;
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&interrupted).await;
    give_up(&interrupted, &claim).await.unwrap_err();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 1));
    (streams, queue, claim.key)
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_letter_whose_event_is_still_there_is_replayed_as_one_event() {
    let server = Server::start_configured(USERS);
    let (_streams, queue, key) = letter_beside_its_event(&server).await;
    assert!(queue.replay(&key).await.unwrap());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    handle_the_only_one(&queue, &key).await;
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_letter_whose_event_is_still_there_is_discarded_with_it() {
    let server = Server::start_configured(USERS);
    let (_streams, queue, key) = letter_beside_its_event(&server).await;
    assert!(queue.discard(&key).await.unwrap());
    nothing_comes(&queue, QueueDepth::default()).await;
}

/// Long ago, so that the server does not take the second replay for a repetition of the first.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_replay_that_was_interrupted_is_completed_and_keeps_its_event() {
    let server = Server::start_configured(USERS);
    let streams = Streams::at(&server.url_of("whole"));
    let queue = streams.queue().await;
    let interrupted = streams.queue_at(&server.url_of("erases_nothing")).await;
    let client = client(&server).await;
    forget_duplicates(&client, streams.prefix(), "events").await;
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&queue).await;
    give_up(&queue, &claim).await.unwrap();
    interrupted.replay(&claim.key).await.unwrap_err();
    let replayed = last_stored(&client, &streams).await;
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 1));
    assert!(queue.replay(&claim.key).await.unwrap());
    assert_eq!(last_stored(&client, &streams).await, replayed, "it is the same event");
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    handle_the_only_one(&queue, &claim.key).await;
}

async fn client(server: &Server) -> async_nats::Client {
    let options = async_nats::ConnectOptions::with_user_and_password("whole".to_owned(), "whole".to_owned());
    options.connect(server.place()).await.unwrap()
}

/// Returns the sequence of the last event that was stored.
async fn last_stored(client: &async_nats::Client, streams: &Streams) -> u64 {
    let info = api(client, &format!("STREAM.INFO.{}_events", streams.prefix()), Value::Null).await;
    info["state"]["last_seq"].as_u64().unwrap()
}

/// Makes a letter whose replay was interrupted, and whose event is then given up again, by a worker that ends
/// before it has written the second letter.
async fn letter_beside_its_next_life(server: &Server) -> (Streams, NatsEventQueue, String) {
    let streams = Streams::at(&server.url_of("whole"));
    let queue = streams.queue().await;
    let client = client(server).await;
    forget_duplicates(&client, streams.prefix(), "events").await;
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&queue).await;
    give_up(&queue, &claim).await.unwrap();
    let interrupted = streams.queue_at(&server.url_of("erases_nothing")).await;
    interrupted.replay(&claim.key).await.unwrap_err();
    let interrupted = streams.queue_at(&server.url_of("writes_no_letter")).await;
    // At once, or after a lease: this instance erases the record of the first life meanwhile.
    let again = claim_next(&interrupted).await.unwrap();
    assert!(event_of(&again.token) > event_of(&claim.token));
    give_up(&interrupted, &again).await.unwrap_err();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 1));
    (streams, queue, claim.key)
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_replay_does_not_erase_an_event_whose_own_letter_is_not_written_yet() {
    let server = Server::start_configured(USERS);
    let (_streams, queue, key) = letter_beside_its_next_life(&server).await;
    assert!(queue.replay(&key).await.unwrap());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    // Its own letter comes with its next delivery.
    assert!(claim_next(&queue).await.is_none());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 0, 1));
    assert!(queue.replay(&key).await.unwrap());
    handle_the_only_one(&queue, &key).await;
}

/// The worker comes to the rest of its end while the letter is replayed.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_letter_that_is_replayed_meanwhile_is_neither_lost_nor_doubled() {
    let server = Server::start_configured(USERS);
    let streams = Streams::at(&server.url_of("whole"));
    let queue = streams.queue().await;
    let interrupted = streams.queue_at(&server.url_of("erases_nothing")).await;
    let mut keys = push_all(&queue, 60).await;
    let ends: Vec<_> = claim_all(&interrupted).await.iter().map(given_up).collect();
    interrupted.settle(&ends).await.unwrap_err();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(60, 0, 60));
    let replays = join_all(keys.iter().enumerate().map(|(number, key)| {
        let queue = &queue;
        async move {
            // Calls of the server, so that some are before the worker and some behind it.
            for _ in 0..number % 6 {
                queue.dead_letters(None, 0).await.unwrap();
            }
            queue.replay(key).await.unwrap();
        }
    }));
    let (settled, _) = tokio::join!(queue.settle(&ends), replays);
    settled.unwrap();
    let letters = queue.dead_letters(None, 100).await.unwrap();
    let mut left: Vec<_> = letters.into_iter().map(|letter| letter.key).collect();
    left.extend(claim_all(&queue).await.into_iter().map(|claim| claim.key));
    left.sort_unstable();
    keys.sort_unstable();
    assert_eq!(left, keys);
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_settlement_that_is_repeated_writes_no_letter_again() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    forget_duplicates(&async_nats::connect(url()).await.unwrap(), streams.prefix(), "dead").await;
    queue.push(&event(1)).await.unwrap();
    queue.push(&event(2)).await.unwrap();
    let (discarded, replayed) = (claim_one(&queue).await, claim_one(&queue).await);
    for claim in [&discarded, &replayed] {
        give_up(&queue, claim).await.unwrap();
    }
    assert!(queue.discard(&discarded.key).await.unwrap());
    assert!(queue.replay(&replayed.key).await.unwrap());
    sleep(LEASE / 4).await;
    for claim in [&discarded, &replayed] {
        give_up(&queue, claim).await.unwrap();
    }
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    handle_the_only_one(&queue, &replayed.key).await;
}

/// The other worker has pulled the event after a lease without a renewal, and comes to it when all is over.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_delivery_that_is_older_than_its_letter_writes_no_letter_again() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    forget_duplicates(&async_nats::connect(url()).await.unwrap(), streams.prefix(), "dead").await;
    queue.push(&event(1)).await.unwrap();
    let claim = claim_one(&queue).await;
    let began = Instant::now();
    other.wait(LEASE * 3).await;
    assert!(began.elapsed() < LEASE * 2, "it was delivered again");
    give_up(&queue, &claim).await.unwrap();
    assert!(queue.discard(&claim.key).await.unwrap());
    sleep(LEASE / 4).await;
    assert!(other.claim(1).await.unwrap().is_empty());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

//! What is said when a server is unavailable, or lacks something.

use std::error::Error as _;
use std::time::{Duration, Instant};

use nango_core::testing::queue::{claim_all, event, push_all, queue_unreachable_is_retryable};
use nango_core::{
    EventQueue as _, Outcome, QueueDepth, Settlement, StoreError, StoreErrorKind, WorkQueue as _,
};
use nango_nats::{NatsEventQueue, NatsOptions, async_nats};

use crate::server::{LEASE, Server, Streams, url};

/// Everything that a log could print of an error.
fn printed(error: &StoreError) -> String {
    format!("{error} {error:?} {error:#?} {:?}", error.source().map(ToString::to_string))
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn without_a_server_each_call_says_so_within_seconds() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    server.kill();
    let began = Instant::now();
    queue_unreachable_is_retryable(&queue).await;
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());

    let began = Instant::now();
    let error = queue.push(&event(1)).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(7), "Nango waits for ten: {:?}", began.elapsed());
    let text = format!(
        "could not queue an event at {}: connection refused; is the NATS server running there, with JetStream (`-js`)?",
        server.place()
    );
    assert_eq!(error.to_string(), text);

    let began = Instant::now();
    queue.wait(Duration::from_millis(500)).await;
    assert!(began.elapsed() >= Duration::from_millis(490), "an outage is no reason to ask again and again");

    server.restart();
    queue.push(&event(1)).await.unwrap();
    assert_eq!(queue.claim(2).await.unwrap().len(), 1, "it comes back by itself");
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_server_that_is_missing_at_the_start_is_named() {
    let began = Instant::now();
    let error = NatsEventQueue::connect("nats://alice:c0ffee@127.0.0.1:1").await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let text = "could not connect to NATS at 127.0.0.1:1: connection refused; is the NATS server running there, with \
                JetStream (`-js`)?";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn no_secret_of_a_url_is_shown() {
    let server = Server::start_with(&["-js", "--user", "alice", "--pass", "right"]);
    for url in [
        format!("nats://alice:c0ffee@{}", server.place()),
        format!("nats://c0ffee@{}", server.place()),
        "nats://alice:c0ffee@127.0.0.1:1".to_owned(),
        "nats://alice:c0ffee@no-such-host.invalid:4222".to_owned(),
        "nats://alice:c0ffee@127.0.0.1:port".to_owned(),
        "postgres://alice:c0ffee@127.0.0.1".to_owned(),
    ] {
        let error = NatsEventQueue::connect(&url).await.unwrap_err();
        assert!(!printed(&error).contains("c0ffee"), "{error}");
    }
    let error =
        NatsEventQueue::connect(&format!("nats://alice:c0ffee@{}", server.place())).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    assert!(error.to_string().contains("authentication failed; correct the user"), "{error}");
    NatsEventQueue::connect(&format!("nats://alice:right@{}", server.place())).await.unwrap();
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_server_without_jetstream_says_so() {
    let server = Server::start_with(&[]);
    let error = NatsEventQueue::connect(&server.url()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("could not set up the streams at {}: JetStream", server.place())),
        "{text}"
    );
    assert!(text.contains("start the server with JetStream (`-js`)"), "{text}");
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn too_many_replicas_and_a_wrong_prefix_are_refused() {
    let server = Server::start();
    let error =
        NatsEventQueue::connect_with(&server.url(), &NatsOptions::new().replicas(3)).await.unwrap_err();
    assert!(error.to_string().contains("lower `NatsOptions::replicas`"), "{error}");
    let error =
        NatsEventQueue::connect_with(&server.url(), &NatsOptions::new().prefix("a.b")).await.unwrap_err();
    assert!(error.to_string().contains("use 1 to 64 of"), "{error}");
}

/// A client of the app's waits for its server in the background, if it was made so.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_client_of_the_app_that_is_not_connected_is_unavailable() {
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let client = options.connect("nats://127.0.0.1:1").await.unwrap();
    let error = NatsEventQueue::new(client, &NatsOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("there is no connection"), "{error}");
}

/// `max_payload` is a mebibyte by default, and the text of an event of that size is larger.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn the_largest_event_is_one_that_fits_with_its_reason_when_it_is_dead() {
    let server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    let largest = queue.max_bytes();
    assert_eq!(largest, 1024 * 1024 - 8 * 1024);
    let event = crate::handler::sized(largest);
    assert_eq!(event.to_json().len(), largest);
    queue.push(&event).await.unwrap();
    let claim = queue.claim(1).await.unwrap().remove(0);
    let reason = "\u{1}".repeat(1_000);
    let dead = Outcome::Dead { failures: 1, reason: reason.clone() };
    queue.settle(&[Settlement::new(claim, dead)]).await.unwrap();
    let letters = queue.dead_letters(None, 10).await.unwrap();
    assert_eq!((&*letters[0].event, letters[0].reason.as_str()), (event.to_json().as_str(), reason.as_str()));

    let error = queue.push(&crate::handler::sized(largest + 16 * 1024)).await.unwrap_err();
    assert!(error.to_string().contains("raise `max_payload`"), "{error}");
    assert_eq!(queue.lease(), LEASE);
}

/// As a newer version may write it. An error would cost the worker all of its claims, or stop it.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_record_that_cannot_be_read_costs_only_its_own_claim() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let client = async_nats::connect(url()).await.unwrap();
    push_all(&queue, 2).await;
    let claims = claim_all(&queue).await;
    let subject = format!("{}.claims.{}", streams.prefix(), claims[0].key);
    client.request(subject, "{}".into()).await.unwrap();
    let began = Instant::now();
    assert_eq!(queue.renew(&claims).await.unwrap(), [false, true]);
    let done: Vec<_> = claims.iter().map(|claim| Settlement::new(claim.clone(), Outcome::Done)).collect();
    queue.settle(&done).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    let again = loop {
        if let Some(claim) = queue.claim(1).await.unwrap().pop() {
            break claim;
        }
        assert!(began.elapsed() < LEASE * 4);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(began.elapsed() > LEASE - Duration::from_millis(300), "another worker may hold it");
    assert_eq!(again.key, claims[0].key);
}

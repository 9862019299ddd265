//! What a server that is killed has forgotten: the stream and the consumer have each lost other writes.

use std::time::Duration;

use nango_core::testing::queue::{claim_all, claim_one, event, push_all};
use nango_core::{Claim, EventQueue as _, Outcome, QueueDepth, Settlement, WorkQueue as _};
use nango_nats::{NatsEventQueue, async_nats};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::raw::api;
use crate::server::{LEASE, Server, Streams};

/// Longer than the pause between two writes of a server to its disk: half a second for a stream, less for a consumer.
const WRITTEN: Duration = Duration::from_millis(700);

fn done(claims: Vec<Claim>) -> Vec<Settlement> {
    claims.into_iter().map(|claim| Settlement::new(claim, Outcome::Done)).collect()
}

/// Pushes an event that stays at the head of the stream. Without one, the server forgets all that is gone.
async fn push_a_waiting_one(queue: &NatsEventQueue) {
    queue.push(&event(0)).await.unwrap();
    let pause = Outcome::Failed { retry_after: Duration::from_secs(3_600) };
    queue.settle(&[Settlement::new(claim_one(queue).await, pause)]).await.unwrap();
}

/// Observed on 2.9.10: a consumer whose last acknowledgements are lost, and not the deletions, waits for events that
/// are gone, and delivers no others.
async fn new_events_are_delivered_after_a_crash(handled: usize, waiting: usize) {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    push_a_waiting_one(&queue).await;
    push_all(&queue, handled).await;
    let mut handled_claims = done(claim_all(&queue).await);
    sleep(WRITTEN).await;
    let stream = format!("{}_events", streams.prefix());
    let consumer = server.consumer(&stream);
    push_all(&queue, waiting).await;
    let last = handled_claims.split_off(handled - 1);
    queue.settle(&handled_claims).await.unwrap();
    sleep(WRITTEN).await;
    // Its deletion has the server write down those before it.
    queue.settle(&last).await.unwrap();
    server.kill();
    server.set_back_consumer(&stream, &consumer);
    server.restart();

    let client = async_nats::connect(server.url()).await.unwrap();
    let info = api(&client, &format!("CONSUMER.INFO.{stream}.workers"), Value::Null).await;
    assert!(info["num_ack_pending"].as_u64().unwrap() >= handled as u64, "it waits for nothing: {info}");
    sleep(LEASE * 2).await;
    push_all(&queue, 10).await;
    let (began, mut claimed) = (Instant::now(), 0);
    while claimed < waiting + 10 {
        claimed += queue.claim(50).await.unwrap().len();
        assert!(began.elapsed() < LEASE * 5, "{claimed} of {}", waiting + 10);
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn events_that_are_gone_hold_up_no_others() {
    new_events_are_delivered_after_a_crash(60, 0).await;
}

/// The consumer waits for fewer events than there are.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn events_that_are_gone_hold_up_no_backlog() {
    new_events_are_delivered_after_a_crash(60, 200).await;
}

/// Observed on 2.9.10: a server that is killed forgets deletions of its last seconds, if an older message is
/// left.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn events_that_a_crash_of_the_server_brings_back_are_not_handled_again() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let queue = streams.queue().await;
    queue.push(&event(0)).await.unwrap();
    let oldest = claim_one(&queue).await;
    push_all(&queue, 300).await;
    let done: Vec<_> =
        claim_all(&queue).await.into_iter().map(|claim| Settlement::new(claim, Outcome::Done)).collect();
    assert_eq!(done.len(), 300);
    queue.settle(&done).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 1, 0));
    queue.renew(std::slice::from_ref(&oldest)).await.unwrap();
    server.kill();
    server.restart();
    let began = Instant::now();
    println!("back: {}", queue.depth().await.unwrap());
    let client = async_nats::connect(server.url()).await.unwrap();
    let state = async || {
        let stream = format!("{}_events", streams.prefix());
        let events = api(&client, &format!("STREAM.INFO.{stream}"), json!({ "deleted_details": true })).await;
        let consumer = api(&client, &format!("CONSUMER.INFO.{stream}.workers"), Value::Null).await;
        format!("{} of {events}, as {consumer} has it", queue.depth().await.unwrap())
    };
    while queue.depth().await.unwrap() != QueueDepth::new(0, 1, 0) {
        assert_eq!(queue.renew(std::slice::from_ref(&oldest)).await.unwrap(), [true]);
        assert!(queue.claim(50).await.unwrap().is_empty(), "it was handled");
        assert!(began.elapsed() < LEASE * 10, "{}", state().await);
        sleep(Duration::from_millis(50)).await;
    }
}

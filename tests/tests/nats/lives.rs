//! Claims of live workers, beside deliveries that know nothing of them.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use nango_core::testing::queue::{claim_one, event};
use nango_core::{Claim, EventQueue as _, Outcome, QueueDepth, QueuedEvent, Settlement, WorkQueue as _};
use nango_nats::{NatsEventQueue, async_nats};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::raw::{api, event_of, recreate_consumer};
use crate::server::{LEASE, Server, Streams, url};

async fn renews(queue: &NatsEventQueue, claim: &Claim) -> bool {
    queue.renew(std::slice::from_ref(claim)).await.unwrap() == [true]
}

/// As while a version of the app with another lease is rolled out.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_shorter_lease_takes_no_claim_of_a_longer_one() {
    let streams = Streams::at(&url());
    let with =
        async |lease| NatsEventQueue::connect_with(&url(), &streams.options().lease(lease)).await.unwrap();
    let queue = with(LEASE * 2).await;
    queue.push(&event(1)).await.unwrap();
    let held = claim_one(&queue).await;
    let other = with(LEASE / 2).await;
    let began = Instant::now();
    while began.elapsed() < LEASE * 3 / 2 {
        let stolen = other.claim(1).await.unwrap();
        assert!(stolen.is_empty(), "after {:?}: {stolen:?}", began.elapsed());
        sleep(LEASE / 20).await;
    }
    assert!(renews(&queue, &held).await);
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// A consumer that was made anew does not say when it has delivered, and delivers what is held.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_delivery_of_a_consumer_that_is_gone_takes_no_claim_from_its_holder() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    let client = async_nats::connect(url()).await.unwrap();
    queue.push(&event(1)).await.unwrap();
    let held = claim_one(&queue).await;
    recreate_consumer(&client, streams.prefix(), |_| {}).await;
    let began = Instant::now();
    other.wait(LEASE).await;
    assert!(began.elapsed() < LEASE / 2, "it was delivered again");
    recreate_consumer(&client, streams.prefix(), |_| {}).await;
    let stolen = other.claim(1).await.unwrap();
    assert!(stolen.is_empty(), "{stolen:?}");
    assert!(renews(&queue, &held).await);
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// The delivery was on its way to another worker when the server was killed.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_crash_of_the_server_takes_no_claim_from_its_holder() {
    let mut server = Server::start();
    let streams = Streams::at(&server.url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    let client = async_nats::connect(server.url()).await.unwrap();
    queue.push(&event(1)).await.unwrap();
    let held = claim_one(&queue).await;
    recreate_consumer(&client, streams.prefix(), |_| {}).await;
    other.wait(LEASE).await;
    server.kill();
    server.restart();
    let stolen = other.claim(1).await.unwrap();
    assert!(stolen.is_empty(), "{stolen:?}");
    let began = Instant::now();
    while began.elapsed() < LEASE * 2 {
        assert!(renews(&queue, &held).await);
        let stolen = other.claim(1).await.unwrap();
        assert!(stolen.is_empty(), "{stolen:?}");
        sleep(LEASE / 10).await;
    }
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// Stores an event beside an older one of its key. A killed server that has forgotten a deletion makes that
/// state, if the key was pushed again.
async fn two_lives(streams: &Streams) -> (async_nats::Client, QueuedEvent) {
    let client = async_nats::connect(url()).await.unwrap();
    let event = event(1);
    let subject = format!("{}.events.{}", streams.prefix(), event.key());
    for _ in 0..2 {
        client.request(subject.clone(), Bytes::from(event.to_json())).await.unwrap();
    }
    (client, event)
}

/// Takes the next delivery from the workers, for a while.
async fn delay_next(client: &async_nats::Client, streams: &Streams, pause: Duration) {
    let call = format!("$JS.API.CONSUMER.MSG.NEXT.{}_events.workers", streams.prefix());
    // A request would not take it for its reply: a delivery has the subject of its event.
    let inbox = client.new_inbox();
    let mut deliveries = client.subscribe(inbox.clone()).await.unwrap();
    client.publish_with_reply(call, inbox, "".into()).await.unwrap();
    let delivery = deliveries.next().await.unwrap();
    let delay = json!({ "delay": pause.as_nanos() as u64 });
    client.request(delivery.reply.unwrap(), format!("-NAK {delay}").into()).await.unwrap();
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_delivery_of_an_earlier_life_leaves_the_claim_of_the_present_one_alone() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    let (client, _) = two_lives(&streams).await;
    delay_next(&client, &streams, LEASE / 4).await;
    let held = claim_one(&queue).await;
    assert_eq!(event_of(&held.token), 2);
    let began = Instant::now();
    while began.elapsed() < LEASE {
        assert!(renews(&queue, &held).await);
        let stolen = other.claim(1).await.unwrap();
        assert!(stolen.is_empty(), "{stolen:?}");
        sleep(LEASE / 10).await;
    }
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(0, 1, 0), "the earlier one was erased");
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_delivery_of_an_earlier_life_is_not_claimed_while_the_present_one_waits() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let (client, event) = two_lives(&streams).await;
    delay_next(&client, &streams, LEASE / 4).await;
    let claim = claim_one(&queue).await;
    let failed = Outcome::Failed { retry_after: Duration::ZERO };
    queue.settle(&[Settlement::new(claim, failed)]).await.unwrap();
    sleep(LEASE / 2).await;
    // Both are delivered.
    let mut claims = queue.claim(10).await.unwrap();
    assert_eq!(claims.len(), 1, "{claims:?}");
    let last = claims.remove(0);
    assert_eq!((event_of(&last.token), last.failures, last.key.as_str()), (2, 1, event.key()));
    queue.settle(&[Settlement::new(last, Outcome::Done)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

/// Nor is the end of the present one carried out in place of that of the earlier one.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_delivery_of_an_earlier_life_is_erased_once_the_present_one_has_ended() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    let (client, event) = two_lives(&streams).await;
    delay_next(&client, &streams, LEASE / 4).await;
    let claim = claim_one(&queue).await;
    let dead = Outcome::Dead { failures: 7, reason: "no".to_owned() };
    queue.settle(&[Settlement::new(claim, dead)]).await.unwrap();
    assert!(queue.discard(event.key()).await.unwrap());
    sleep(LEASE / 2).await;
    assert!(queue.claim(1).await.unwrap().is_empty());
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
    let info = api(&client, &format!("CONSUMER.INFO.{}_events.workers", streams.prefix()), Value::Null).await;
    assert_eq!(info["num_ack_pending"], 0);
}

/// A replay has made the present one: the letter of the earlier one was there.
#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn an_earlier_life_that_ends_once_more_writes_no_letter_beside_the_present_one() {
    let streams = Streams::at(&url());
    let queue = streams.queue().await;
    two_lives(&streams).await;
    let claim = claim_one(&queue).await;
    assert_eq!(event_of(&claim.token), 1);
    let dead = Outcome::Dead { failures: 7, reason: "no".to_owned() };
    queue.settle(&[Settlement::new(claim, dead)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    let present = claim_one(&queue).await;
    assert_eq!((event_of(&present.token), present.failures, present.deaths), (2, 0, 0));
}

#[tokio::test]
#[cfg_attr(not(with_nats), ignore = "NANGO_TEST_NATS_URL is not set")]
async fn a_present_life_waits_for_the_holder_of_an_earlier_one() {
    let streams = Streams::at(&url());
    let (queue, other) = (streams.queue().await, streams.queue().await);
    two_lives(&streams).await;
    let held = claim_one(&queue).await;
    assert_eq!(event_of(&held.token), 1);
    let stolen = other.claim(1).await.unwrap();
    assert!(stolen.is_empty(), "two workers at one event: {stolen:?}");
    assert!(renews(&queue, &held).await);
    queue.settle(&[Settlement::new(held, Outcome::Done)]).await.unwrap();
    let began = Instant::now();
    let present = loop {
        if let Some(claim) = other.claim(1).await.unwrap().pop() {
            break claim;
        }
        assert!(began.elapsed() < LEASE * 3);
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((event_of(&present.token), present.failures, present.deaths), (2, 0, 0));
}

//! Events of the webhook route in a queue, and from there in the handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::{
    BoxError, EventQueue, ForwardEvent, MemoryEventQueue, Nango, NangoBuilder, QueueDepth, QueuedEvent,
    Received, StoreError, StoreErrorKind, WebhookHandler, WorkQueue, async_trait,
};
use nango_tests::{App, Reply, sign};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// A queue that may be away, and that takes only small events.
#[derive(Clone, Default)]
struct Queue {
    events: MemoryEventQueue,
    is_away: Arc<AtomicBool>,
}

#[async_trait]
impl EventQueue for Queue {
    async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
        match self.is_away.load(Ordering::Relaxed) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "on purpose")),
            false => self.events.push(event).await,
        }
    }

    fn max_bytes(&self) -> usize {
        10_000
    }
}

struct Inbox(UnboundedSender<Received<ForwardEvent>>);

#[async_trait]
impl WebhookHandler for Inbox {
    async fn webhook_forwarded(&self, nango: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        let owner = nango.connection_of(&event).await?.owner().id().to_owned();
        if event.attempt == 1 {
            return Err(format!("not at once for {owner}").into());
        }
        Ok(self.0.send(event)?)
    }
}

async fn deliver(app: &App, connection: &str, text: &str) -> Reply {
    let body = json!({
        "connectionId": connection, "from": "openai", "payload": text, "providerConfigKey": "openai", "type": "forward"
    });
    let body = body.to_string();
    app.stranger().deliver(&body, &sign(&app.emulator.signing_key(), &body)).await
}

#[tokio::test]
async fn an_event_is_answered_once_it_is_queued_and_then_handled_for_its_owner() {
    let (queue, (sender, mut handled)) = (Queue::default(), unbounded_channel());
    let app = {
        let queue = queue.clone();
        App::configured(|builder: NangoBuilder| builder.handler(Inbox(sender)).event_queue(queue)).await
    };
    let connection = app.connect("alice", "sk-test").await;
    assert_eq!(queue.events.depth().await.unwrap(), QueueDepth::default(), "the store keeps connections");
    let id = connection.key().connection_id();
    for text in ["one", "one", "two"] {
        assert_eq!(deliver(&app, id, text).await.status, 200);
    }
    app.settled().await;
    assert_eq!(queue.events.depth().await.unwrap(), QueueDepth::new(3, 0, 0));
    assert!(handled.try_recv().is_err(), "no worker runs");

    let worker = app.nango.event_worker(queue.events.clone());
    let worker = worker.backoff(Duration::from_millis(5), Duration::from_millis(5)).spawn().unwrap();
    let mut events = Vec::new();
    while events.len() < 3 {
        events.push(timeout(Duration::from_secs(10), handled.recv()).await.unwrap().unwrap());
    }
    worker.stop().await;
    assert!(events.iter().all(|event| event.attempt == 2), "each failed once");
    events.sort_by(|one, other| one.key.cmp(&other.key));
    assert!(events[0].key < events[1].key && events[1].key < events[2].key, "a key for each delivery");
    assert_eq!(events[0].fingerprint, events[1].fingerprint, "of one event");
    assert_ne!(events[1].fingerprint, events[2].fingerprint);
    let counters = app.nango.counters();
    assert_eq!((counters.events_queued, counters.events_handled, counters.events_failed), (3, 3, 3));
    assert_eq!(queue.events.depth().await.unwrap(), QueueDepth::default());
}

#[tokio::test]
async fn a_queue_that_is_away_or_too_small_is_not_acknowledged_and_costs_no_connection() {
    let (queue, (sender, _handled)) = (Queue::default(), unbounded_channel());
    let app = {
        let queue = queue.clone();
        App::configured(|builder: NangoBuilder| builder.handler(Inbox(sender)).event_queue(queue)).await
    };
    queue.is_away.store(true, Ordering::Relaxed);
    let connection = app.connect("alice", "sk-test").await;
    let id = connection.key().connection_id();
    let reply = deliver(&app, id, "lost").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "store_unavailable"));
    queue.is_away.store(false, Ordering::Relaxed);
    let reply = deliver(&app, id, &"x".repeat(10_000)).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "body_too_large"));
    assert_eq!(queue.events.depth().await.unwrap(), QueueDepth::default());
    assert_eq!(deliver(&app, id, "kept").await.status, 200);
    assert_eq!(queue.events.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
}

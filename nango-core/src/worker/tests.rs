//! The worker on a queue in memory, with a clock that is moved.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use nango_client::{ForwardEvent, SIGNATURE_HEADER, SigningKeys, TagError, Tags, Verified};
use tokio::time::{Instant, sleep};

use super::{EventWorker, EventWorkerBuilder};
use crate::boxed::BoxError;
use crate::config::ConfigError;
use crate::events::WebhookHandler;
use crate::nango::Nango;
use crate::owner::{Owner, TagMapper};
use crate::queue::{
    Claim, DeadLetter, EventQueue, MemoryEventQueue, Outcome, QueueDepth, QueuedEvent, Received, Settlement,
    WorkQueue,
};
use crate::store::{MemoryStore, StoreError, StoreErrorKind};
use crate::sync::lock;

const MINUTE: Duration = Duration::from_secs(60);

/// What the handler does with an event, by the text in it.
#[derive(Clone, Default)]
struct Handler(Arc<State>);

#[derive(Default)]
struct State {
    is_failing: AtomicBool,
    handled: Mutex<Vec<String>>,
    attempts: Mutex<HashMap<String, Vec<(u32, Instant)>>>,
    running: Mutex<Vec<String>>,
    most_running: AtomicUsize,
}

#[async_trait]
impl WebhookHandler for Handler {
    async fn webhook_forwarded(&self, _: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        let text: String = serde_json::from_slice::<serde_json::Value>(&event.body)?["payload"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let state = &*self.0;
        lock(&state.attempts).entry(text.clone()).or_default().push((event.attempt, Instant::now()));
        let connection = event.connection.connection_id().to_owned();
        {
            let mut running = lock(&state.running);
            assert!(!running.contains(&connection) || text.starts_with("any"), "two at once at {connection}");
            running.push(connection.clone());
            state.most_running.fetch_max(running.len(), Ordering::Relaxed);
        }
        sleep(Duration::from_millis(20)).await;
        lock(&state.running).retain(|running| *running != connection);
        match text.as_str() {
            "poison" => return Err("it never works".into()),
            "panic" => panic!("on purpose"),
            "slow" => sleep(10 * MINUTE).await,
            _ if state.is_failing.load(Ordering::Relaxed) => return Err("not now".into()),
            _ => {}
        }
        lock(&state.handled).push(text);
        Ok(())
    }
}

impl Handler {
    fn handled(&self) -> usize {
        lock(&self.0.handled).len()
    }

    fn attempts(&self, text: &str) -> Vec<(u32, Instant)> {
        lock(&self.0.attempts).get(text).cloned().unwrap_or_default()
    }
}

fn delivery(connection: &str, text: &str) -> Verified {
    let body = serde_json::json!({
        "connectionId": connection, "from": "github", "payload": text, "providerConfigKey": "github", "type": "forward"
    })
    .to_string();
    let keys = SigningKeys::new(["key"]).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(body.as_bytes()).parse().unwrap());
    keys.verify(&headers, body.into()).unwrap()
}

struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];
    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }
    fn to_tags(&self) -> Result<Tags, TagError> {
        Ok(Tags::new())
    }
}

fn nango(handler: &Handler, queue: impl EventQueue) -> Nango {
    Nango::builder("key", SigningKeys::new(["key"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>()
        .handler(handler.clone())
        .event_queue(queue)
        .build()
        .unwrap()
}

/// Sends an event for each text, each of its own connection.
async fn send(nango: &Nango, texts: &[&str]) {
    for (number, text) in texts.iter().enumerate() {
        nango.receive(&delivery(&format!("c{number}"), text)).await.unwrap();
    }
}

/// Waits until nothing waits and nothing is claimed.
async fn empty(queue: &dyn WorkQueue) -> QueueDepth {
    loop {
        let depth = queue.depth().await.unwrap();
        if depth.waiting + depth.claimed == 0 {
            return depth;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// A queue that can be made unavailable, or forgetful.
#[derive(Clone, Default)]
struct Faulty(Arc<Faults>);

#[derive(Default)]
struct Faults {
    queue: MemoryEventQueue,
    is_down: AtomicBool,
    loses_claims: AtomicBool,
    calls: AtomicUsize,
}

impl Faulty {
    fn queue(&self) -> Result<&MemoryEventQueue, StoreError> {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        match self.0.is_down.load(Ordering::Relaxed) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "on purpose")),
            false => Ok(&self.0.queue),
        }
    }
}

#[async_trait]
impl EventQueue for Faulty {
    async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
        self.queue()?.push(event).await
    }

    fn max_bytes(&self) -> usize {
        1_000
    }
}

#[async_trait]
impl WorkQueue for Faulty {
    fn lease(&self) -> Duration {
        self.0.queue.lease()
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError> {
        self.queue()?.claim(limit).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
        match self.0.loses_claims.load(Ordering::Relaxed) {
            true => Ok(vec![false; claims.len()]),
            false => self.queue()?.renew(claims).await,
        }
    }

    async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        self.queue()?.settle(settlements).await
    }

    async fn depth(&self) -> Result<QueueDepth, StoreError> {
        self.0.queue.depth().await
    }

    async fn dead_letters(&self, after: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.0.queue.dead_letters(after, limit).await
    }

    async fn replay(&self, key: &str) -> Result<bool, StoreError> {
        self.queue()?.replay(key).await
    }

    async fn discard(&self, key: &str) -> Result<bool, StoreError> {
        self.queue()?.discard(key).await
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_handled_once_and_counted() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let worker = nango.event_worker(queue.clone()).spawn().unwrap();
    send(&nango, &["one", "two", "three"]).await;
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!(handler.handled(), 3);
    let counters = nango.counters();
    assert_eq!((counters.events_queued, counters.events_handled, counters.events_failed), (3, 3, 0));
    worker.stop().await;
    send(&nango, &["four"]).await;
    sleep(MINUTE).await;
    assert_eq!(handler.handled(), 3, "it has stopped");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_for_an_hour_loses_nothing_and_is_not_called_without_pause() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    handler.0.is_failing.store(true, Ordering::Relaxed);
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    let texts: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    send(&nango, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sleep(60 * MINUTE).await;
    assert_eq!(handler.handled(), 0);
    handler.0.is_failing.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await.dead, 0);
    assert_eq!(handler.handled(), 40);
    let mut second = Vec::new();
    for text in &texts {
        let attempts = handler.attempts(text);
        assert!((11..=14).contains(&attempts.len()), "{} attempts in an hour", attempts.len());
        let numbers: Vec<_> = attempts.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=numbers.len()).map(|n| n as u32).collect::<Vec<_>>());
        second.push(attempts[1].1 - attempts[0].1);
    }
    second.sort();
    assert!(second[39] - second[0] > Duration::from_millis(200), "the pauses are spread");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_always_fails_becomes_a_dead_letter_and_stops_no_other() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let builder = nango.event_worker(queue.clone()).max_failures(4).concurrency(2);
    let _worker = builder.time_limit(MINUTE).spawn().unwrap();
    send(&nango, &["poison", "panic", "slow", "one", "two"]).await;
    assert_eq!(empty(&queue).await, QueueDepth::new(0, 0, 3));
    assert_eq!(handler.handled(), 2);
    let mut letters = queue.dead_letters(None, 10).await.unwrap();
    letters.sort_by(|one, other| one.reason.cmp(&other.reason));
    assert!(letters[0].reason.contains("exceeded its time"), "{}", letters[0].reason);
    assert_eq!(letters[1].reason, "it never works");
    assert!(letters[2].reason.contains("panicked"), "{}", letters[2].reason);
    assert!(letters.iter().all(|letter| (letter.failures, letter.deaths) == (4, 0)), "{letters:?}");
    assert_eq!((nango.counters().events_dead, nango.counters().events_failed), (3, 12));
    assert!(queue.replay(&letters[1].key).await.unwrap());
    empty(&queue).await;
    assert_eq!(handler.attempts("poison").len(), 8, "a replay begins anew");
}

#[tokio::test(start_paused = true)]
async fn an_event_at_which_workers_end_is_handled_alone_and_then_given_up() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    send(&nango, &["any 1", "any 2", "any 3"]).await;
    // A worker that is killed.
    assert_eq!(queue.claim(10).await.unwrap().len(), 3);
    sleep(MINUTE).await;
    let worker = nango.event_worker(queue.clone()).spawn().unwrap();
    assert_eq!(empty(&queue).await, QueueDepth::default());
    worker.stop().await;
    assert_eq!((handler.handled(), handler.0.most_running.load(Ordering::Relaxed)), (3, 1));

    send(&nango, &["fatal"]).await;
    for _ in 0..5 {
        assert_eq!(queue.claim(10).await.unwrap().len(), 1);
        sleep(MINUTE).await;
    }
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    assert_eq!(empty(&queue).await, QueueDepth::new(0, 0, 1));
    assert!(handler.attempts("fatal").is_empty());
    let letter = queue.dead_letters(None, 1).await.unwrap().remove(0);
    assert_eq!((letter.failures, letter.deaths), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn events_of_one_connection_wait_for_each_other() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    for number in 0..30 {
        let delivery = delivery(&format!("c{}", number % 3), &number.to_string());
        nango.receive(&delivery).await.unwrap();
    }
    let worker = |nango: &Nango| -> EventWorker {
        let builder: EventWorkerBuilder = nango.event_worker(queue.clone());
        builder.one_per_connection().spawn().unwrap()
    };
    // Two workers share no memory but the store's leases.
    let _workers = [worker(&nango), worker(&nango)];
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!(handler.handled(), 30);
    assert!(handler.0.most_running.load(Ordering::Relaxed) > 1, "others do not wait");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_unavailable_costs_nothing_but_time() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).spawn().unwrap();
    send(&nango, &["one", "two"]).await;
    queue.0.is_down.store(true, Ordering::Relaxed);
    let error = nango.receive(&delivery("c", "lost")).await.unwrap_err();
    assert_eq!(error.status(), http::StatusCode::SERVICE_UNAVAILABLE);
    let before = queue.0.calls.load(Ordering::Relaxed);
    sleep(30 * MINUTE).await;
    let calls = queue.0.calls.load(Ordering::Relaxed) - before;
    assert!((60..400).contains(&calls), "{calls} calls in half an hour");
    queue.0.is_down.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    let mut handled = lock(&handler.0.handled).clone();
    handled.dedup();
    assert!(handled.contains(&"one".to_owned()) && handled.contains(&"two".to_owned()), "{handled:?}");
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_broken_off_once_its_claim_is_lost() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let _worker = nango.event_worker(queue.clone()).time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["slow"]).await;
    sleep(5 * MINUTE).await;
    assert_eq!(handler.attempts("slow").len(), 1, "its claim is renewed");
    queue.0.loses_claims.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(15)).await;
    queue.0.loses_claims.store(false, Ordering::Relaxed);
    assert_eq!(empty(&queue).await, QueueDepth::default());
    assert_eq!((handler.attempts("slow").len(), handler.handled()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_runs_and_returns_the_rest() {
    let (handler, queue) = (Handler::default(), MemoryEventQueue::new());
    let nango = nango(&handler, queue.clone());
    let worker = nango.event_worker(queue.clone()).time_limit(60 * MINUTE).spawn().unwrap();
    send(&nango, &["one", "slow"]).await;
    sleep(Duration::from_millis(10)).await;
    let began = Instant::now();
    worker.stop().await;
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    assert_eq!(handler.handled(), 1);
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
    let claim = queue.claim(1).await.unwrap().remove(0);
    assert_eq!((claim.failures, claim.deaths), (0, 0), "what was broken off is no failure");
    queue.settle(&[Settlement::new(claim, Outcome::Done)]).await.unwrap();
}

#[tokio::test]
async fn what_the_queue_does_not_take_is_refused_before() {
    let (handler, queue) = (Handler::default(), Faulty::default());
    let nango = nango(&handler, queue.clone());
    let error = nango.receive(&delivery("c", &"x".repeat(1_000))).await.unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::TooLarge);
    assert_eq!(queue.0.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_worker_needs_a_handler() {
    let queue = MemoryEventQueue::new();
    let nango = Nango::builder("key", SigningKeys::new(["key"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>()
        .build()
        .unwrap();
    assert_eq!(nango.event_worker(queue).spawn().unwrap_err(), ConfigError::MissingHandler);
}

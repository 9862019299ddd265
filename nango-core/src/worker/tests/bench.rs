//! A handler, its events, and a queue that fails.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use nango_client::{
    ConnectionKey, ForwardEvent, SIGNATURE_HEADER, SigningKeys, TagError, Tags, Timestamp, Verified,
};
use tokio::time::{Instant, sleep};

use crate::boxed::BoxError;
use crate::events::WebhookHandler;
use crate::nango::Nango;
use crate::owner::{Owner, TagMapper};
use crate::queue::{
    Claim, DeadLetter, EventQueue, MemoryEventQueue, QueueDepth, QueuedEvent, Received, Settlement, WorkQueue,
};
use crate::record::{Applied, Change, Record};
use crate::store::{ConnectionStore, Lease, MemoryStore, StoreError, StoreErrorKind};
use crate::sync::lock;

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// What the handler does with an event, by the text in it.
#[derive(Clone, Default)]
pub(super) struct Handler(pub(super) Arc<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) is_failing: AtomicBool,
    pub(super) handled: Mutex<Vec<String>>,
    pub(super) attempts: Mutex<HashMap<String, Vec<(u32, Instant)>>>,
    pub(super) running: Mutex<Vec<String>>,
    pub(super) most_running: AtomicUsize,
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
    pub(super) fn handled(&self) -> usize {
        lock(&self.0.handled).len()
    }

    pub(super) fn attempts(&self, text: &str) -> Vec<(u32, Instant)> {
        lock(&self.0.attempts).get(text).cloned().unwrap_or_default()
    }
}

pub(super) fn delivery(connection: &str, text: &str) -> Verified {
    let body = serde_json::json!({
        "connectionId": connection, "from": "github", "payload": text, "providerConfigKey": "github", "type": "forward"
    })
    .to_string();
    let keys = SigningKeys::new(["key"]).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(body.as_bytes()).parse().unwrap());
    keys.verify(&headers, body.into()).unwrap()
}

pub(super) struct User;

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

pub(super) fn nango(handler: &Handler, queue: impl EventQueue) -> Nango {
    nango_on(MemoryStore::new(), handler, queue)
}

pub(super) fn nango_on(store: impl ConnectionStore, handler: &Handler, queue: impl EventQueue) -> Nango {
    Nango::builder("key", SigningKeys::new(["key"]).unwrap(), store)
        .host("http://127.0.0.1:9")
        .allowed_integrations(["github"])
        .entity::<User>()
        .handler(handler.clone())
        .event_queue(queue)
        .build()
        .unwrap()
}

/// A store whose leases hang while this is set.
#[derive(Clone, Default)]
pub(super) struct HangingStore {
    store: MemoryStore,
    pub(super) hangs: Arc<AtomicBool>,
}

#[async_trait]
impl ConnectionStore for HangingStore {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        self.store.get(keys).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.store.apply(changes).await
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.store.list(owner).await
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.page(after, limit).await
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.pending(now, limit).await
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }
}

#[async_trait]
impl Lease for HangingStore {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        self.store.acquire(name, holder, span).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        self.store.release(name, holder).await
    }
}

/// Sends an event for each text, each of its own connection.
pub(super) async fn send(nango: &Nango, texts: &[&str]) {
    for (number, text) in texts.iter().enumerate() {
        nango.receive(&delivery(&format!("c{number}"), text)).await.unwrap();
    }
}

/// Waits until nothing waits and nothing is claimed.
pub(super) async fn empty(queue: &dyn WorkQueue) -> QueueDepth {
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
pub(super) struct Faulty(pub(super) Arc<Faults>);

#[derive(Default)]
pub(super) struct Faults {
    pub(super) queue: MemoryEventQueue,
    pub(super) is_down: AtomicBool,
    pub(super) loses_claims: AtomicBool,
    /// The number of renewals that hang.
    pub(super) hanging: AtomicUsize,
    pub(super) settles_nothing: AtomicBool,
    pub(super) claims: AtomicUsize,
    pub(super) calls: AtomicUsize,
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
        self.0.claims.fetch_add(1, Ordering::Relaxed);
        self.queue()?.claim(limit).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
        let hangs = |left: usize| left.checked_sub(1);
        if self.0.hanging.fetch_update(Ordering::Relaxed, Ordering::Relaxed, hangs).is_ok() {
            std::future::pending::<()>().await;
        }
        match self.0.loses_claims.load(Ordering::Relaxed) {
            true => Ok(vec![false; claims.len()]),
            false => self.queue()?.renew(claims).await,
        }
    }

    async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        if self.0.settles_nothing.load(Ordering::Relaxed) {
            return Err(StoreError::new(StoreErrorKind::Other, "on purpose"));
        }
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

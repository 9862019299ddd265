//! Notifications beside the requests: their content and their limits.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use nango_core::{
    BoxError, ConnectionChanged, ForwardEvent, Health, Nango, Owner, Received, SIGNATURE_HEADER, SigningKeys,
    WebhookHandler, async_trait,
};
use nango_tests::{App, User, eventually};
use tokio::sync::RwLock;

fn alice() -> User {
    User::named("alice").unwrap()
}

/// Records every notification, and fails on request.
#[derive(Default, Clone)]
struct Recorder {
    events: Arc<Mutex<Vec<ConnectionChanged>>>,
    fails: Arc<AtomicBool>,
}

impl Recorder {
    fn take(&self) -> Vec<ConnectionChanged> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}

#[async_trait]
impl WebhookHandler for Recorder {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        self.events.lock().unwrap().push(event);
        if self.fails.load(Ordering::SeqCst) { Err("not now".into()) } else { Ok(()) }
    }
}

/// Returns the health and the owner before, and the health after.
fn change(event: &ConnectionChanged) -> (Option<(Health, Option<Owner>)>, Health) {
    let before = event.before.as_ref().map(|before| (before.health, before.owner.clone()));
    (before, event.connection.health())
}

#[tokio::test]
async fn a_notification_says_what_has_changed_and_why_and_has_a_key() {
    let recorder = Recorder::default();
    let app = App::configured(|builder| builder.handler(recorder.clone())).await;
    let connection = app.connect("alice", "sk-test").await;
    let made = recorder.take();
    assert_eq!(made.iter().map(change).collect::<Vec<_>>(), [(None, Health::Healthy)]);
    assert!(made[0].cause.is_none());

    // Nango's reason is only in the delivery, and has to survive failures of the handler.
    recorder.fails.store(true, Ordering::SeqCst);
    let key = connection.key();
    app.emulator.revoke(key.integration(), key.connection_id()).await.unwrap();
    app.settled().await;
    recorder.fails.store(false, Ordering::SeqCst);
    assert_eq!(app.nango.drain().await.unwrap().announced, 1);
    let owner = Some(Owner::new("user", "alice"));
    let failed = recorder.take();
    let expected = (Some((Health::Healthy, owner.clone())), Health::Degraded);
    assert_eq!(failed.iter().map(change).collect::<Vec<_>>(), [expected.clone(), expected]);
    assert_eq!(failed[0].key, failed[1].key, "one change");
    for event in &failed {
        let cause = event.cause.as_ref().unwrap();
        assert_eq!(cause.kind(), "connection_test_failed");
        let description = cause.description().unwrap();
        assert!(!description.is_empty() && cause.log_id().is_some());
        assert!(!format!("{event:?}").contains(description), "{event:?}");
    }

    connection.transfer(&User::named("bob").unwrap()).await.unwrap();
    app.nango.settled().await;
    let bobs = app.nango.connection(&User::named("bob").unwrap(), "openai").await.unwrap();
    bobs.disconnect().await.unwrap();
    app.nango.settled().await;
    let later = recorder.take();
    let bob = Some(Owner::new("user", "bob"));
    assert_eq!(
        later.iter().map(change).collect::<Vec<_>>(),
        [(Some((Health::Degraded, owner)), Health::Degraded), (Some((Health::Degraded, bob)), Health::Gone)]
    );
    assert!(later[1].cause.is_none());
    let keys: HashSet<_> = made.iter().chain(&failed).chain(&later).map(|event| &event.key).collect();
    assert_eq!(keys.len(), 4, "four changes");
}

/// Counts its calls, and those that run at a time.
#[derive(Default, Clone)]
struct Busy {
    takes: Duration,
    /// Whoever has it for writing holds all calls.
    gate: Arc<RwLock<()>>,
    running: Arc<AtomicUsize>,
    at_once: Arc<AtomicUsize>,
    notified: Arc<Mutex<HashSet<String>>>,
    forwarded: Arc<AtomicUsize>,
}

impl Busy {
    fn of(takes: Duration) -> Self {
        Self { takes, ..Self::default() }
    }

    async fn work(&self) {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once.fetch_max(running, Ordering::SeqCst);
        drop(self.gate.read().await);
        tokio::time::sleep(self.takes).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
    }

    fn notified(&self) -> usize {
        self.notified.lock().unwrap().len()
    }
}

#[async_trait]
impl WebhookHandler for Busy {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        self.work().await;
        self.notified.lock().unwrap().insert(event.connection.handle());
        Ok(())
    }

    async fn webhook_forwarded(&self, _: &Nango, _: Received<ForwardEvent>) -> Result<(), BoxError> {
        self.work().await;
        self.forwarded.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn sixteen_handlers_run_at_a_time_and_the_sweeper_notifies_of_the_rest() {
    let busy = Busy::of(Duration::from_millis(100));
    let app = App::configured(|builder| builder.handler(busy.clone())).await;
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 40, "c-{n}", &tags).unwrap();
    let held = busy.gate.write().await;
    assert_eq!(app.nango.sync(&alice()).await.unwrap().len(), 40);
    // Had it waited for them, they would have run out of their time.
    assert_eq!((busy.notified(), app.nango.counters().handler_failures), (0, 0));
    drop(held);
    app.nango.settled().await;
    assert_eq!((busy.notified(), busy.at_once.load(Ordering::SeqCst)), (16, 16));
    let pending = app.store.page(None, 100).await.unwrap().iter().filter(|row| !row.announced).count();
    assert_eq!(pending, 24);

    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    eventually(Duration::from_secs(20), "all are notified", async || busy.notified() == 40).await;
    sweeper.stop().await;
    assert_eq!(busy.at_once.load(Ordering::SeqCst), 16);
    let rows = app.store.page(None, 100).await.unwrap();
    assert!(rows.iter().all(|row| row.announced), "the handler was notified");
    assert_eq!(app.nango.drain().await.unwrap().announced, 0);
}

#[tokio::test]
async fn a_drain_waits_for_its_handlers_and_counts_those_of_others_as_deferred() {
    let busy = Busy::of(Duration::from_millis(100));
    let app = App::configured(|builder| builder.handler(busy.clone())).await;
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 20, "c-{n}", &tags).unwrap();
    let held = busy.gate.write().await;
    let _ = app.nango.sync(&alice()).await.unwrap();
    let release = async {
        // Time to see that others are notifying of sixteen.
        tokio::time::sleep(Duration::from_secs(3)).await;
        drop(held);
    };
    let (report, ()) = tokio::join!(app.nango.drain(), release);
    let report = report.unwrap();
    assert_eq!((report.announced, report.deferred), (4, 16), "{report:?}");
    app.nango.settled().await;
    assert_eq!(busy.notified(), 20);
}

#[tokio::test]
async fn events_without_a_row_wait_for_their_turn_up_to_a_limit() {
    let busy = Busy::of(Duration::from_millis(50));
    let app = App::configured(|builder| builder.handler(busy.clone())).await;
    let body =
        r#"{"from":"github","type":"forward","connectionId":"c","providerConfigKey":"openai","payload":{}}"#;
    let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(body.as_bytes()).parse().unwrap());
    let delivery = keys.verify(&headers, Bytes::from_static(body.as_bytes())).unwrap();
    let began = Instant::now();
    // Without a pause, so that no handler runs in between.
    for _ in 0..1_010 {
        app.nango.receive(&delivery).await.unwrap();
    }
    let dropped = app.nango.counters().handler_failures;
    assert_eq!((busy.forwarded.load(Ordering::SeqCst), dropped), (0, 10));
    app.nango.settled().await;
    assert_eq!((busy.forwarded.load(Ordering::SeqCst), busy.at_once.load(Ordering::SeqCst)), (1_000, 16));
    assert!(began.elapsed() > Duration::from_secs(3), "sixteen at a time");
}

#[tokio::test]
async fn an_owner_is_forgotten_after_each_connection_had_its_turn() {
    let busy = Busy::of(Duration::from_millis(300));
    let app = App::configured(|builder| builder.handler(busy.clone())).await;
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 20, "c-{n}", &tags).unwrap();
    let _ = app.nango.sync(&alice()).await.unwrap();
    app.nango.settled().await;
    let _ = app.nango.drain().await.unwrap();
    busy.notified.lock().unwrap().clear();
    assert_eq!(app.nango.forget(&alice()).await.unwrap().removed, 20);
    let rows = app.store.page(None, 100).await.unwrap();
    assert!(rows.iter().all(|row| row.owner.is_none() && row.announced));
    app.nango.settled().await;
    assert_eq!(busy.notified(), 20, "each was notified, although more handlers were wanted than may run");
}

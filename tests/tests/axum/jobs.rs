//! The connections of all owners, for background jobs, and those that events are about.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use nango_core::{
    AsyncActionEvent, BoxError, ConnectionKey, ConnectionStore, ErrorKind, Health, MemoryStore, Nango,
    NangoBuilder, OwnedConnection, Owner, Received, StoreError, StoreErrorKind, SyncEvent, WebhookHandler,
    async_trait,
};
use nango_emulator::CallFaults;
use nango_sqlx::SqliteStore;
use nango_tests::{Access, App, Intercept, Interceptor, User};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Counts the pages that are read, and fails from the given one on.
struct Pages {
    store: Box<dyn ConnectionStore>,
    read: Arc<AtomicUsize>,
    fail_from: Arc<AtomicUsize>,
}

#[async_trait]
impl Interceptor for Pages {
    fn store(&self) -> &dyn ConnectionStore {
        &*self.store
    }

    async fn before(&self, access: Access<'_>) -> Result<(), StoreError> {
        if let Access::Page = access
            && self.read.fetch_add(1, Ordering::Relaxed) >= self.fail_from.load(Ordering::Relaxed)
        {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "the test says so"));
        }
        Ok(())
    }
}

const OWNERS: [(&str, u32); 3] = [("alice", 400), ("bob", 333), ("carol", 267)];

/// Fills a store with 1,000 connections of three owners to `openai`, among those to other integrations.
async fn filled(store: impl ConnectionStore) -> (App, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (read, fail_from) = (Arc::<AtomicUsize>::default(), Arc::new(AtomicUsize::new(usize::MAX)));
    let store = Pages { store: Box::new(store), read: Arc::clone(&read), fail_from: Arc::clone(&fail_from) };
    let app = App::with_store(Intercept(store), |builder| builder).await;
    for (owner, count) in OWNERS {
        let tags = [("end_user_id", owner), ("owner_kind", "user")];
        app.emulator.import_many("openai", count, &format!("{owner}-{{n}}"), &tags).unwrap();
        for integration in ["freshdesk", "slack"] {
            app.emulator.import_many(integration, 5, &format!("{owner}-{{n}}"), &tags).unwrap();
        }
    }
    app.emulator.import_many("openai", 3, "foreign-{n}", &[]).unwrap();
    assert_eq!(app.nango.sweep().run().await.unwrap().rows, 1_030);
    read.store(0, Ordering::Relaxed);
    (app, read, fail_from)
}

fn owner_of(connection: &OwnedConnection) -> String {
    connection.owner().id().to_owned()
}

async fn a_job_meets_every_connection_once(store: impl ConnectionStore) {
    let (app, read, fail_from) = filled(store).await;
    let all = app.nango.connections_of("openai");
    let mut stream = all.clone().stream();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(read.load(Ordering::Relaxed), 1, "only what is needed is read");
    let mut keys = vec![first.key().clone()];
    let mut counts = BTreeMap::from([(owner_of(&first), 1)]);
    while let Some(connection) = stream.next().await {
        let connection = connection.unwrap();
        *counts.entry(owner_of(&connection)).or_default() += 1;
        keys.push(connection.key().clone());
    }
    assert!(keys.is_sorted() && keys.iter().all(|key| key.integration() == "openai"));
    let expected = OWNERS.map(|(owner, count)| (owner.to_owned(), count));
    assert_eq!(counts, BTreeMap::from(expected));
    // Ten full pages, and one that leads out of the integration.
    assert_eq!(read.swap(0, Ordering::Relaxed), 11);
    assert!(stream.next().await.is_none(), "it has ended");

    // It does not walk on into the next integration.
    assert_eq!(app.nango.connections_of("freshdesk").page_size(5).stream().count().await, 15);
    assert_eq!(read.swap(0, Ordering::Relaxed), 4);

    // A walk that fails ends, and another one goes on.
    fail_from.store(2, Ordering::Relaxed);
    let mut stream = all.clone().page_size(30).stream();
    let met: Vec<_> = stream.by_ref().take(60).map(|one| one.unwrap().key().clone()).collect().await;
    assert_eq!(met, keys[..60]);
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Store);
    assert!(stream.next().await.is_none());
    fail_from.store(usize::MAX, Ordering::Relaxed);
    let rest = all.clone().after(&met[59]).stream().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(rest.iter().map(|one| one.key().clone()).collect::<Vec<_>>(), keys[60..]);

    // What has ended is not met, and neither is another health.
    for key in &keys[..2] {
        app.emulator.revoke("openai", key.connection_id()).await.unwrap();
    }
    app.settled().await;
    rest[0].disconnect().await.unwrap();
    let met = async |health: &[Health]| {
        let stream = all.clone().health(health.iter().copied()).stream();
        stream.try_collect::<Vec<_>>().await.unwrap().len()
    };
    assert_eq!(met(&[Health::Degraded]).await, 2);
    assert_eq!(met(&[Health::Healthy]).await, 997);
    assert_eq!(met(&[Health::Degraded, Health::Healthy]).await, 999);
    assert_eq!(met(&[]).await, 0);
    for nothing in ["", "open", "openai ", "zendesk"] {
        assert_eq!(app.nango.connections_of(nothing).stream().count().await, 0, "{nothing:?}");
    }
    assert_eq!(app.nango.connections_of("slack").page_size(0).stream().count().await, 15);
    // A key of another integration does not lead there.
    let foreign = ConnectionKey::new("freshdesk", "z");
    assert_eq!(app.nango.connections_of("slack").after(&foreign).stream().count().await, 15);
}

#[tokio::test]
async fn a_job_meets_every_connection_in_memory() {
    a_job_meets_every_connection_once(MemoryStore::new()).await;
}

#[tokio::test]
async fn a_job_meets_every_connection_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/app.db?mode=rwc", folder.path().display());
    a_job_meets_every_connection_once(SqliteStore::connect(&file).await.unwrap()).await;
}

/// Goes from each event to its connection, and sends on what it has found.
struct Mirror(UnboundedSender<Result<(Owner, usize), ErrorKind>>);

#[async_trait]
impl WebhookHandler for Mirror {
    async fn sync_completed(&self, nango: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
        let found = match nango.connection_of(&event).await {
            Ok(connection) => {
                let records = connection.records::<serde_json::Value>("Issue").send().await?;
                Ok((connection.owner().clone(), records.records.len()))
            }
            Err(error) => Err(error.kind()),
        };
        Ok(self.0.send(found)?)
    }

    async fn action_completed(
        &self,
        nango: &Nango,
        event: Received<AsyncActionEvent>,
    ) -> Result<(), BoxError> {
        let connection = nango.connection_of(&event).await?;
        let output: usize = connection.action_result_of(&event)?.get().await?.output()?;
        Ok(self.0.send(Ok((connection.owner().clone(), output)))?)
    }
}

type Found = UnboundedReceiver<Result<(Owner, usize), ErrorKind>>;

/// An app with a sync that runs when it is triggered, and what its handler finds.
async fn mirroring() -> (App, Found) {
    let (sender, found) = unbounded_channel();
    let app = App::configured(|builder: NangoBuilder| builder.handler(Mirror(sender))).await;
    let issues = [json!({"id": "1"}), json!({"id": "2"})];
    app.emulator.sync("openai", "issues").model("Issue").records(issues).manual().deploy().unwrap();
    (app, found)
}

/// Runs the sync of a connection, and returns what the handler has found.
async fn sync(app: &App, found: &mut Found, id: &str) -> Result<(Owner, usize), ErrorKind> {
    app.emulator.trigger_sync("openai", id, "issues").unwrap();
    assert!(app.emulator.wait_for_runs(Duration::from_secs(10)).await);
    app.settled().await;
    found.try_recv().unwrap()
}

#[tokio::test]
async fn an_event_leads_to_the_connection_of_its_owner() {
    let (app, mut found) = mirroring().await;
    let (alice, bob) = (app.connect("alice", "sk-1").await, app.connect("bob", "sk-2").await);
    for connection in [&alice, &bob] {
        let owner = connection.owner().clone();
        assert_eq!(sync(&app, &mut found, connection.key().connection_id()).await, Ok((owner, 2)));
    }
    app.emulator.action("openai", "count", |call| async move { Ok(call.input) }).unwrap();
    bob.action::<u64, u64>("count").start(&7).await.unwrap();
    assert!(app.emulator.wait_for_runs(Duration::from_secs(10)).await);
    app.settled().await;
    assert_eq!(found.try_recv().unwrap(), Ok((bob.owner().clone(), 7)));

    // What a worker of a queue has kept.
    let kept = app.nango.unscoped_connection(alice.key()).await.unwrap();
    assert_eq!(kept.owner(), alice.owner());
    // The owner is the one of now.
    alice.transfer(&User::named("carol").unwrap()).await.unwrap();
    let carol = Owner::of::<User>(&"carol".to_owned());
    assert_eq!(sync(&app, &mut found, alice.key().connection_id()).await, Ok((carol, 2)));
}

#[tokio::test]
async fn an_event_of_a_connection_that_is_not_ours_leads_nowhere() {
    let (app, mut found) = mirroring().await;
    app.emulator.import_many("openai", 1, "foreign", &[("owner_kind", "crm/user")]).unwrap();
    // An event of a connection that another app has made must not cost a call each time.
    app.emulator.fail_calls(CallFaults::status("/connections/foreign", 500, 1));
    assert_eq!(sync(&app, &mut found, "foreign").await, Err(ErrorKind::NotFound));
    assert!(app.store.page(None, 10).await.unwrap().is_empty());
    let gone = app.connect("alice", "sk-1").await;
    gone.disconnect().await.unwrap();
    for key in [gone.key(), &ConnectionKey::new("openai", "none"), &ConnectionKey::new("openai", "\0")] {
        let error = app.nango.unscoped_connection(key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn an_event_leads_to_a_connection_whose_first_look_has_failed() {
    let (app, mut found) = mirroring().await;
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 20));
    let token = app.browser("alice").session_token("").await;
    let key = nango_emulator::Credentials::api_key("sk-1");
    let made = app.emulator.connect(&token, "openai", key).await.unwrap();
    app.settled().await;
    let alice = User::named("alice").unwrap();
    assert!(app.nango.connections(&alice).await.unwrap().is_empty(), "the row is only a mark");
    app.emulator.clear_faults();
    let owner = Owner::of::<User>(&"alice".to_owned());
    assert_eq!(sync(&app, &mut found, &made.connection_id).await, Ok((owner, 2)));
}

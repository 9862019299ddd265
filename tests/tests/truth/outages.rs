//! Nango or the store is away: nothing wrong is written, nothing is lost, and it heals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, ErrorKind, Health, Lease, MemoryStore, Nango, Owner,
    Record, SigningKeys, StoreError, StoreErrorKind, Timestamp, async_trait,
};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, User};

/// Every way in which Nango can fail to answer a look.
fn outages() -> Vec<(&'static str, CallFaults)> {
    vec![
        ("an error", CallFaults::status("/connections*", 500, 10)),
        ("too many requests", CallFaults::status("/connections*", 429, 10)),
        ("a wrong key", CallFaults::status("/connections*", 401, 10)),
        ("a gateway", CallFaults::status("/connections*", 502, 10)),
        ("a broken line", CallFaults::hang_up("/connections*", 10)),
    ]
}

fn alice() -> User {
    User::named("alice").unwrap()
}

#[tokio::test]
async fn a_delivery_that_cannot_be_looked_into_is_marked_and_taken() {
    for (what, fault) in outages() {
        let app = App::start().await;
        let token = app.browser("alice").session_token("").await;
        app.emulator.fail_calls(fault);
        app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        app.settled().await;
        let statuses: Vec<_> = app.emulator.deliveries()[0].attempts.iter().map(|one| one.status).collect();
        assert_eq!(statuses, [Some(200)], "{what}");
        let rows = app.store.page(None, 10).await.unwrap();
        assert_eq!(rows.len(), 1, "{what}");
        assert!(rows[0].look_again_at.is_some() && rows[0].owner.is_none(), "{what}: only a mark");
        assert!(app.browser("alice").connections("/nango").await.is_empty(), "{what}");

        app.emulator.clear_faults();
        assert_eq!(app.nango.drain().await.unwrap().looked, 1, "{what}");
        assert_eq!(app.browser("alice").connections("/nango").await.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn an_outage_says_nothing_about_a_connection() {
    for (what, fault) in outages() {
        let app = App::start().await;
        let connection = app.connect("alice", "sk-test").await;
        app.emulator.fail_calls(fault);
        let error = connection.check().await.unwrap_err();
        assert_ne!(error.kind(), ErrorKind::NotFound, "{what}");
        let handle = connection.handle();
        let reply = app.browser("alice").post(&format!("/nango/connections/{handle}/check"), "").await;
        assert!([502, 503].contains(&reply.status), "{what}: {}", reply.status);
        let list = app.browser("alice").get("/nango/connections?sync=true").await.json();
        assert_eq!(list[0]["health"], "healthy", "{what}: the stored list");
        assert!(app.nango.sweep().run().await.is_err() || what == "an error", "{what}");
        let still = app.nango.connection(&alice(), "openai").await.unwrap();
        assert_eq!(still.health(), Health::Healthy, "{what}");
    }
}

#[tokio::test]
async fn a_nango_that_hangs_is_not_waited_for() {
    let app = App::start().await;
    let token = app.browser("alice").session_token("").await;
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_secs(30), 1));
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let begun = std::time::Instant::now();
    app.settled().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(app.emulator.deliveries()[0].attempts[0].status, Some(200));
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

#[tokio::test]
async fn a_wrong_key_empties_no_store() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
    let wrong = Nango::builder("00000000-0000-4000-8000-000000000000", keys, app.store.clone())
        .host(app.emulator.local_url())
        .allowed_integrations(["openai"])
        .entity::<User>()
        .build()
        .unwrap();
    assert_eq!(wrong.sweep().run().await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(wrong.sync(&alice()).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert!(wrong.connection(&alice(), "openai").await.unwrap().check().await.is_err());
    assert_eq!(app.nango.connections(&alice()).await.unwrap().len(), 1);
}

/// A store that can be taken away.
#[derive(Default)]
struct Away {
    store: MemoryStore,
    away: Arc<AtomicBool>,
}

impl Away {
    fn here(&self) -> Result<&MemoryStore, StoreError> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "the database is locked")),
            false => Ok(&self.store),
        }
    }
}

#[async_trait]
impl ConnectionStore for Away {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        self.here()?.get(keys).await
    }
    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.here()?.apply(changes).await
    }
    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.here()?.list(owner).await
    }
    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.here()?.page(after, limit).await
    }
    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.here()?.pending(now, limit).await
    }
    fn lease(&self) -> Option<&dyn Lease> {
        self.store.lease()
    }
}

#[tokio::test]
async fn only_a_store_that_is_away_answers_503_and_nango_tries_again() {
    let store = Away::default();
    let away = store.away.clone();
    let app = App::with_store(store, |builder| builder).await;
    let token = app.browser("alice").session_token("").await;
    away.store(true, Ordering::SeqCst);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let reply = app.browser("alice").get("/nango/connections").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "store_unavailable"));
    assert!(!reply.body.contains("locked"), "the database's words stay here");
    tokio::time::sleep(Duration::from_millis(500)).await;
    away.store(false, Ordering::SeqCst);
    app.settled().await;
    let statuses: Vec<_> = app.emulator.deliveries()[0].attempts.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

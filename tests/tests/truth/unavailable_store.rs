//! An unavailable store is answered with 503, so that Nango retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::{
    ConnectionKey, ConnectionStore, MemoryStore, StoreError, StoreErrorKind, Timestamp, async_trait,
};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{Access, App, Intercept, Interceptor, eventually};
use sqlx::Connection as _;

/// A store that can be made unavailable.
#[derive(Default)]
struct Switch {
    store: MemoryStore,
    is_off: Arc<AtomicBool>,
}

#[async_trait]
impl Interceptor for Switch {
    fn store(&self) -> &dyn ConnectionStore {
        &self.store
    }

    async fn before(&self, _: Access<'_>) -> Result<(), StoreError> {
        match self.is_off.load(Ordering::SeqCst) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "the database is locked")),
            false => Ok(()),
        }
    }
}

#[tokio::test]
async fn an_unavailable_store_answers_503_and_nango_retries() {
    let store = Intercept(Switch::default());
    let is_off = store.is_off.clone();
    let app = App::with_store(store, |builder| builder).await;
    let token = app.browser("alice").session_token("").await;
    is_off.store(true, Ordering::SeqCst);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let reply = app.browser("alice").get("/nango/connections").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "store_unavailable"));
    assert!(!reply.body.contains("locked"), "the database's error text is private");
    tokio::time::sleep(Duration::from_millis(500)).await;
    is_off.store(false, Ordering::SeqCst);
    app.settled().await;
    assert_eq!(app.answers(0), [Some(503), Some(200)]);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

#[tokio::test]
async fn a_locked_database_costs_one_503_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("app.db").display());
    let store = nango_sqlx::SqliteStore::connect(&url).await.unwrap();
    let app = App::with_store(store, |builder| builder).await;
    let token = app.browser("alice").session_token("").await;
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    while app.emulator.deliveries()[0].attempts.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    app.settled().await;
    assert_eq!(app.answers(0), [Some(503), Some(200)]);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

#[tokio::test]
async fn a_disconnect_that_nango_has_made_succeeds_although_the_store_fails_and_is_completed() {
    let store = Intercept(Switch::default());
    let is_off = store.is_off.clone();
    let app = App::with_store(store, |builder| builder).await;
    let connection = app.connect("alice", "sk-test").await;
    let key = app.store.page(None, 1).await.unwrap().remove(0).key;
    // The second look after a delivery would be the follow-up otherwise.
    look(&app, &key).await;
    app.emulator.fail_calls(CallFaults::hold("/connections/*", 1));
    let alice = app.browser("alice");
    let path = format!("/nango/connections/{}", connection.handle());
    let disconnect = tokio::spawn(async move { alice.delete(&path).await });
    let is_held = async || !app.emulator.held_calls().is_empty();
    eventually(Duration::from_secs(3), "the deletion is under way", is_held).await;
    is_off.store(true, Ordering::SeqCst);
    app.emulator.release_calls();
    assert_eq!(disconnect.await.unwrap().status, 204);

    is_off.store(false, Ordering::SeqCst);
    let row = async || app.store.get(std::slice::from_ref(&key)).await.unwrap().remove(0).unwrap();
    let left = row().await;
    assert!(!left.removed, "the store could not be written");
    let pause = left.look_again_at.unwrap().since(Timestamp::now());
    assert!((20..=30).contains(&pause.as_secs()), "the deletion has ended by then: {pause:?}");
    look(&app, &key).await;
    assert!(row().await.removed);
}

/// Makes the look at a connection that is due later.
async fn look(app: &App, key: &ConnectionKey) {
    app.store.mark(std::slice::from_ref(key), Timestamp::now()).await.unwrap();
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
}

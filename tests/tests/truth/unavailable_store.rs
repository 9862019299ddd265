//! An unavailable store is answered with 503, so that Nango retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::{ConnectionStore, MemoryStore, StoreError, StoreErrorKind, async_trait};
use nango_emulator::Credentials;
use nango_tests::{Access, App, Intercept, Interceptor};
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

//! The store is away: Nango hears of it, and tries again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Lease, MemoryStore, Owner, Record, StoreError,
    StoreErrorKind, Timestamp, async_trait,
};
use nango_emulator::Credentials;
use nango_tests::App;
use sqlx::Connection as _;

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

#[tokio::test]
async fn a_database_that_is_locked_costs_a_503_and_nothing_else() {
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
    let statuses: Vec<_> = app.emulator.deliveries()[0].attempts.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

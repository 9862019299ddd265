//! A panic of the app costs what it happened in, and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use nango_core::testing::adapter::send;
use nango_core::{
    BoxError, ConnectionChanged, ConnectionStore, MemoryStore, Nango, Owner, SigningKeys, SyncEvent,
    WebhookHandler, async_trait,
};
use nango_emulator::{Credentials, Emulator};
use nango_tests::sign;

use super::{actix, axum};

/// Panics whenever it hears of a sync, and the first two times that it hears of a connection.
struct Panicking {
    heard: Arc<AtomicUsize>,
}

#[async_trait]
impl WebhookHandler for Panicking {
    async fn connection_changed(&self, _: &Nango, _: ConnectionChanged) -> Result<(), BoxError> {
        let before = self.heard.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        assert!(before >= 2, "the handler panics");
        Ok(())
    }

    async fn sync(&self, _: &Nango, _: SyncEvent) -> Result<(), BoxError> {
        panic!("the handler panics");
    }
}

/// An app on either adapter, with a handler that panics.
struct App {
    emulator: Emulator,
    nango: Nango,
    store: Arc<MemoryStore>,
    heard: Arc<AtomicUsize>,
    address: SocketAddr,
}

async fn on_axum(nango: Nango) -> SocketAddr {
    axum::serve(nango, "/nango").await
}

async fn on_actix(nango: Nango) -> SocketAddr {
    actix::serve(nango, "/nango").await
}

impl App {
    async fn start(serve: impl AsyncFn(Nango) -> SocketAddr) -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let (store, heard) = (Arc::new(MemoryStore::new()), Arc::new(AtomicUsize::new(0)));
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, Arc::clone(&store))
            .host(emulator.local_url())
            .allowed_integrations(["openai"])
            .entity::<axum::User>()
            .handler(Panicking { heard: Arc::clone(&heard) })
            .build()
            .unwrap();
        let address = serve(nango.clone()).await;
        emulator.set_webhook_url(format!("http://{address}/nango/webhook"));
        Self { emulator, nango, store, heard, address }
    }

    async fn lists_connections_of(&self, user: &str) -> bool {
        let url = format!("http://{}/nango/connections", self.address);
        let reply = nango_tests::http().get(url).header("x-user", user).send().await;
        reply.is_ok_and(|reply| reply.status() == 200)
    }

    async fn announced(&self) -> bool {
        self.store.page(None, 10).await.unwrap()[0].announced
    }
}

async fn the_handler_panics(serve: impl AsyncFn(Nango) -> SocketAddr) {
    let app = App::start(serve).await;
    let token = app.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    assert!(app.emulator.deliveries_settled(Duration::from_secs(15)).await);
    assert_eq!(app.heard.load(Ordering::SeqCst), 1);
    assert!(!app.announced().await, "a panic is no acknowledgement");

    let connection = app.nango.connection(&Owner::new("user", "alice"), "openai").await.unwrap();
    connection.check().await.unwrap();
    assert!(!app.announced().await, "nor is the second one");
    connection.check().await.unwrap();
    assert!(app.announced().await);
    assert_eq!(app.heard.load(Ordering::SeqCst), 3);

    let body = r#"{"from":"nango","type":"sync","connectionId":"c","providerConfigKey":"openai","syncName":"s","syncVariant":"base","model":"M","syncType":"FULL","modifiedAfter":"2026-01-01T00:00:00Z","success":true,"responseResults":{"added":1,"updated":0,"deleted":0}}"#;
    let delivery = Request::post("/nango/webhook")
        .header("x-nango-hmac-sha256", sign(&app.emulator.signing_key(), body))
        .body(Bytes::from(body))
        .unwrap();
    assert_eq!(send(app.address, delivery).await.status(), 200, "five failures would stop all deliveries");
    assert!(app.lists_connections_of("alice").await);
}

async fn the_extractor_panics(serve: impl AsyncFn(Nango) -> SocketAddr) {
    let app = App::start(serve).await;
    for _ in 0..20 {
        assert!(!app.lists_connections_of("panic").await);
        assert!(app.lists_connections_of("alice").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_handler_on_axum() {
    the_handler_panics(on_axum).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_handler_on_actix() {
    the_handler_panics(on_actix).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_extractor_on_axum() {
    the_extractor_panics(on_axum).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_extractor_on_actix() {
    the_extractor_panics(on_actix).await;
}

//! A panic of the app fails the call in which it happens, and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nango_core::{
    BoxError, ConnectionChanged, MemoryStore, Nango, Owner, Received, SyncEvent, WebhookHandler, async_trait,
};
use nango_emulator::Credentials;
use nango_tests::{App, send, sign};
use reqwest::Method;

use super::{actix, axum};

/// Panics at every sync, and at the first two notifications of a connection.
struct Panicking {
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl WebhookHandler for Panicking {
    async fn connection_changed(&self, _: &Nango, _: ConnectionChanged) -> Result<(), BoxError> {
        let before = self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        assert!(before >= 2, "the handler panics");
        Ok(())
    }

    async fn sync_completed(&self, _: &Nango, _: Received<SyncEvent>) -> Result<(), BoxError> {
        panic!("the handler panics");
    }
}

async fn on_axum(nango: Nango) -> SocketAddr {
    axum::serve(nango, "/nango").await
}

async fn on_actix(nango: Nango) -> SocketAddr {
    actix::serve(nango, "/nango").await
}

/// Starts an app with a handler that panics, and returns the number of the handler's calls.
async fn start(serve: impl AsyncFnOnce(Nango) -> SocketAddr) -> (App, Arc<AtomicUsize>) {
    let calls = Arc::<AtomicUsize>::default();
    let handler = Panicking { calls: Arc::clone(&calls) };
    let app =
        App::served_by(serve, MemoryStore::new(), |builder| builder.entity::<axum::User>().handler(handler));
    (app.await, calls)
}

async fn lists_connections(app: &App, user: &str) -> bool {
    let request = app.browser(user).request(Method::GET, "/nango/connections");
    send(request).await.is_ok_and(|reply| reply.status == 200)
}

async fn is_announced(app: &App) -> bool {
    app.store.page(None, 10).await.unwrap()[0].announced
}

async fn the_handler_panics(serve: impl AsyncFnOnce(Nango) -> SocketAddr) {
    let (app, calls) = start(serve).await;
    let token = app.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(!is_announced(&app).await, "a panic is not an acknowledgement");

    let connection = app.nango.connection(&Owner::new("user", "alice"), "openai").await.unwrap();
    connection.check().await.unwrap();
    app.nango.settled().await;
    assert!(!is_announced(&app).await, "the second panic is not one either");
    connection.check().await.unwrap();
    app.nango.settled().await;
    assert!(is_announced(&app).await);
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    let body = r#"{"from":"nango","type":"sync","connectionId":"c","providerConfigKey":"openai","syncName":"s","syncVariant":"base","model":"M","syncType":"FULL","modifiedAfter":"2026-01-01T00:00:00Z","success":true,"responseResults":{"added":1,"updated":0,"deleted":0}}"#;
    let signature = sign(&app.emulator.signing_key(), body);
    let reply = app.stranger().deliver(body, &signature).await;
    assert_eq!(reply.status, 200, "five failures would stop all deliveries");
    app.nango.settled().await;
    assert_eq!(app.nango.counters().handler_failures, 3);
    assert!(lists_connections(&app, "alice").await);
}

async fn the_extractor_panics(serve: impl AsyncFnOnce(Nango) -> SocketAddr) {
    let (app, _) = start(serve).await;
    for _ in 0..20 {
        assert!(!lists_connections(&app, "panic").await);
        assert!(lists_connections(&app, "alice").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_handler_is_contained_on_axum() {
    the_handler_panics(on_axum).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_handler_is_contained_on_actix() {
    the_handler_panics(on_actix).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_extractor_is_contained_on_axum() {
    the_extractor_panics(on_axum).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_extractor_is_contained_on_actix() {
    the_extractor_panics(on_actix).await;
}

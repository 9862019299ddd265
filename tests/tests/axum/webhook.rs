//! Deliveries: genuine, forged, repeated and lost ones.

use std::sync::{Arc, Mutex};

use nango_core::{
    BoxError, ConnectFailed, ConnectionChanged, ConnectionStore, Health, Misattributed, Nango,
    WebhookHandler, async_trait,
};
use nango_emulator::Credentials;
use nango_tests::{App, sign};
use reqwest::Method;
use serde_json::json;

fn delivery(connection_id: &str, success: bool) -> String {
    json!({
        "authMode": "API_KEY", "connectionId": connection_id, "environment": "dev", "from": "nango",
        "operation": "creation", "provider": "openai", "providerConfigKey": "openai", "success": success,
        "tags": {"end_user_id": "alice", "owner_kind": "user"}, "type": "auth",
    })
    .to_string()
}

async fn rows(app: &App) -> usize {
    app.store.page(None, 100).await.unwrap().len()
}

#[tokio::test]
async fn a_delivery_needs_a_signature_of_every_byte() {
    let app = App::start().await;
    app.emulator.clear_webhook_urls();
    let token = app.browser("alice").session_token("").await;
    let made = app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();

    let (nango, body) = (app.stranger(), delivery(&made.connection_id, true));
    let right = sign(&app.emulator.signing_key(), &body);
    let wrong = sign("another key", &body);
    let api_key = sign(app.emulator.secret_key(), &body);
    for signature in [&*wrong, &*api_key, "", "abc", &right[1..], &format!("{right}00")] {
        let reply = nango.deliver(&body, signature).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_signature"), "{signature}");
    }
    assert_eq!(nango.post("/nango/webhook", &body).await.status, 401, "no signature");
    assert_eq!(nango.deliver(&body.replace("alice", "alicf"), &right).await.status, 401, "a changed byte");
    assert_eq!(nango.deliver("", &right).await.status, 401, "no body");
    let twice = nango.request(Method::POST, "/nango/webhook");
    let twice = twice.header("x-nango-hmac-sha256", &right).header("x-nango-hmac-sha256", &right);
    assert_eq!(nango.send(twice.body(body.clone())).await.status, 401, "two signatures");
    assert_eq!(rows(&app).await, 0);

    assert_eq!(nango.deliver(&body, &right.to_uppercase()).await.status, 200);
    assert_eq!(rows(&app).await, 1);
}

#[tokio::test]
async fn a_repeated_delivery_is_idempotent() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    let sent = app.emulator.deliveries()[0].clone();
    for _ in 0..2 {
        assert_eq!(app.stranger().deliver(&sent.body, &sent.hmac_sha256).await.status, 200);
    }
    assert_eq!(rows(&app).await, 1);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

#[tokio::test]
async fn a_signed_delivery_with_false_claims_changes_nothing() {
    let app = App::start().await;
    let signed =
        async |body: &str| app.stranger().deliver(body, &sign(&app.emulator.signing_key(), body)).await;
    for body in [
        delivery("00000000-0000-4000-8000-000000000000", true),
        delivery("00000000-0000-4000-8000-000000000000", false),
        delivery("#not an id#", true),
        delivery("", true),
        delivery(&"x".repeat(256), true),
        "{}".to_owned(),
        "not json".to_owned(),
        r#"{"type":"auth"}"#.to_owned(),
        r#"{"type":"new","from":"nango"}"#.to_owned(),
    ] {
        assert_eq!(signed(&body).await.status, 200, "{body}");
    }
    assert_eq!(rows(&app).await, 0);

    let connection = app.connect("alice", "sk-test").await;
    let id = connection.key().connection_id().to_owned();
    let theft = delivery(&id, true).replace("\"alice\"", "\"bob\"");
    assert_eq!(signed(&theft).await.status, 200);
    assert!(app.browser("bob").connections("/nango").await.is_empty());
    assert_eq!(signed(&delivery(&id, false)).await.status, 200);
    let list = app.browser("alice").connections("/nango").await;
    assert_eq!(list[0]["health"], "healthy", "a failed reconnect leaves the connection as it was");
}

#[tokio::test]
async fn a_delivery_over_the_limit_is_refused() {
    let app = App::configured(|builder| builder.webhook_limit(1_000)).await;
    let body = "x".repeat(1_001);
    let reply = app.stranger().deliver(&body, &sign(&app.emulator.signing_key(), &body)).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "body_too_large"));
}

#[tokio::test]
async fn a_sync_makes_up_for_a_lost_delivery() {
    let app = App::start().await;
    app.emulator.drop_next(1);
    let alice = app.browser("alice");
    let token = alice.session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    app.settled().await;
    assert!(alice.connections("/nango").await.is_empty());
    let list = alice.get("/nango/connections?sync=true").await.json();
    assert_eq!((list.as_array().unwrap().len(), list[0]["integration"].as_str()), (1, Some("slack")));
    assert_eq!(rows(&app).await, 1);
}

/// Records every notification, and fails at the first one.
#[derive(Default)]
struct Recorder {
    notified: Arc<Mutex<Vec<String>>>,
    failed_once: Mutex<bool>,
}

#[async_trait]
impl WebhookHandler for Recorder {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        let connection = event.connection;
        let line =
            format!("{} {} {}", connection.owner().id(), connection.integration(), connection.health());
        self.notified.lock().unwrap().push(line);
        let first = !std::mem::replace(&mut *self.failed_once.lock().unwrap(), true);
        if first { Err("not now".into()) } else { Ok(()) }
    }

    async fn connect_failed(&self, _: &Nango, event: ConnectFailed) -> Result<(), BoxError> {
        let owner = event.connection.map(|connection| connection.owner().id().to_owned());
        self.notified.lock().unwrap().push(format!("failed {} {owner:?}", event.integration));
        Ok(())
    }

    async fn misattributed(&self, _: &Nango, event: Misattributed) -> Result<(), BoxError> {
        let what = match event {
            Misattributed::OwnerConflict { .. } => "conflict".to_owned(),
            Misattributed::Quarantined { why, .. } => format!("quarantined: {why}"),
            _ => "?".to_owned(),
        };
        self.notified.lock().unwrap().push(what);
        Ok(())
    }
}

#[tokio::test]
async fn a_change_is_notified_until_the_handler_succeeds() {
    let recorder = Recorder::default();
    let notified = recorder.notified.clone();
    let app = App::configured(|builder| builder.handler(recorder)).await;
    let take = || std::mem::take(&mut *notified.lock().unwrap());

    let connection = app.connect("alice", "sk-test").await;
    assert_eq!(take(), ["alice openai healthy"]);
    assert_eq!(connection.check().await.unwrap().health(), Health::Healthy);
    app.nango.settled().await;
    assert_eq!(take(), ["alice openai healthy"], "the first call failed");
    connection.check().await.unwrap();
    app.nango.settled().await;
    assert!(take().is_empty());

    connection.disconnect().await.unwrap();
    app.nango.settled().await;
    assert_eq!(take(), ["alice openai gone"]);

    let token = app.browser("alice").session_token("").await;
    app.emulator.deny(&token, "slack").await.unwrap();
    app.settled().await;
    assert_eq!(take(), ["failed slack None"]);

    let untagged = app.emulator.create_session(&[("plan", "pro")]);
    app.emulator.connect(&untagged, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    assert_eq!(take(), ["quarantined: no tag identifies an owner"]);
}

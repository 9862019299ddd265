//! The app's handler and the counters.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nango_core::{
    BoxError, ConnectFailed, ConnectionChanged, Health, IntegrationDefaults, Misattributed, Nango,
    SessionDefaults, WebhookHandler, async_trait,
};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, User, call_nango, eventually, nango_builder, sign};
use reqwest::Method;
use serde_json::json;

/// Checks the connection of each notification, and stores metadata with it.
struct Curious;

#[async_trait]
impl WebhookHandler for Curious {
    async fn connection_changed(&self, nango: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        let connection = event.connection;
        if connection.health() != Health::Gone {
            connection.check().await?;
            connection.metadata().set(&json!({"greeted": true})).await?;
            nango.sync(connection.owner()).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_handler_can_call_the_connection_that_it_is_notified_of() {
    let app = App::configured(|builder| builder.handler(Curious)).await;
    let begun = Instant::now();
    let connection = app.connect("alice", "sk-test").await;
    assert!(begun.elapsed() < Duration::from_secs(4), "the handler waits for itself: {:?}", begun.elapsed());
    let kept: serde_json::Value = connection.metadata().get().await.unwrap();
    assert_eq!(kept, json!({"greeted": true}));
    assert_eq!(app.nango.counters().handler_failures, 0);
}

struct Refusing;

#[async_trait]
impl WebhookHandler for Refusing {
    async fn misattributed(&self, _: &Nango, event: Misattributed) -> Result<(), BoxError> {
        match event {
            Misattributed::OtherEnvironment { environment, .. } if environment == "dev" => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }
}

#[tokio::test]
async fn a_delivery_of_another_environment_is_ignored_and_reported() {
    let app = App::configured(|builder| builder.environment("prod").handler(Refusing)).await;
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    assert_eq!(app.answers(0), [Some(200)]);
    assert!(app.nango.connections(&User::named("alice").unwrap()).await.unwrap().is_empty());
    let counters = app.nango.counters();
    assert_eq!((counters.deliveries, counters.other_environment, counters.handler_failures), (1, 1, 0));
}

#[tokio::test]
async fn events_are_counted() {
    let app = App::start().await;
    app.stranger().deliver("{}", &sign("guess", "{}")).await;
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 1));
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    let untagged = app.emulator.create_session(&[("plan", "pro")]);
    app.emulator.connect(&untagged, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    let counters = app.nango.counters();
    let counted = (counters.refused, counters.deliveries, counters.marked, counters.quarantined);
    assert_eq!(counted, (1, 2, 1, 1), "{counters:?}");
}

#[tokio::test]
async fn session_defaults_can_depend_on_the_owner() {
    let app = App::configured(|builder| {
        builder.session_defaults_with(|owner| {
            let preset = IntegrationDefaults::new().connection_config("subdomain", owner.id());
            SessionDefaults::new().integration("freshdesk", preset)
        })
    })
    .await;
    let token = app.browser("bob").session_token("").await;
    // The session has the subdomain, so the form does not ask for it.
    let credentials = Credentials::basic("bob", "secret");
    app.emulator.connect(&token, "freshdesk", credentials).await.unwrap();
    app.settled().await;
    let bob = User::named("bob").unwrap();
    let connection = app.nango.connection(&bob, "freshdesk").await.unwrap();
    let id = connection.key().connection_id();
    let path = format!("/connections/{id}?provider_config_key=freshdesk");
    let found = call_nango(&app.emulator, Method::GET, &path, None).await.json();
    assert_eq!(found["connection_config"], json!({"subdomain": "bob"}));
}

/// Is slow at the first notification, and records all of them.
#[derive(Default)]
struct Slow {
    notified: Arc<Mutex<Vec<Health>>>,
    slept: AtomicBool,
}

#[async_trait]
impl WebhookHandler for Slow {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        if !self.slept.swap(true, Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        self.notified.lock().unwrap().push(event.connection.health());
        Ok(())
    }
}

#[tokio::test]
async fn the_last_notification_is_of_the_current_state() {
    let slow = Slow::default();
    let notified = slow.notified.clone();
    let app = App::configured(|builder| builder.handler(slow)).await;
    let token = app.browser("alice").session_token("").await;
    let made = app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    // The connection breaks during the notification that it is new.
    app.emulator.revoke("openai", &made.connection_id).await.unwrap();
    app.settled().await;
    let _ = app.nango.drain().await.unwrap();
    let notified = notified.lock().unwrap().clone();
    assert_eq!(notified, [Health::Healthy, Health::Degraded]);
    let row = app.store.page(None, 10).await.unwrap().remove(0);
    assert!(row.announced);
}

/// Is slow at the first notification, and fails at the second.
#[derive(Default)]
struct Failing(Arc<Mutex<Vec<Health>>>);

#[async_trait]
impl WebhookHandler for Failing {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        let before = self.0.lock().unwrap().len();
        self.0.lock().unwrap().push(event.connection.health());
        match before {
            0 => tokio::time::sleep(Duration::from_secs(1)).await,
            1 => return Err("not now".into()),
            _ => {}
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_change_is_pending_again_when_an_older_notification_ends_after_its_own() {
    let failing = Failing::default();
    let notified = failing.0.clone();
    let app = App::configured(|builder| builder.handler(failing)).await;
    let other =
        nango_builder(&app.emulator, app.store.clone()).entity::<User>().handler(Curious).build().unwrap();
    let token = app.browser("alice").session_token("").await;
    let made = app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let is_begun = async || !notified.lock().unwrap().is_empty();
    eventually(Duration::from_secs(5), "the first notification", is_begun).await;
    // The other instance notices that it broke, and notifies of it.
    app.emulator.drop_next(1);
    app.emulator.revoke("openai", &made.connection_id).await.unwrap();
    let connection = other.connection(&User::named("alice").unwrap(), "openai").await.unwrap();
    assert_eq!(connection.check().await.unwrap().health(), Health::Degraded);
    // Its handler checks the connection, which shows that the key stays broken.
    other.settled().await;
    let broken = Health::NeedsReconnect;
    let is_announced = async || app.store.page(None, 10).await.unwrap().remove(0).announced;
    assert!(is_announced().await, "by the other instance");

    app.settled().await;
    assert_eq!(*notified.lock().unwrap(), [Health::Healthy, broken]);
    assert!(!is_announced().await, "the older state was notified last, and the repetition failed");
    assert_eq!(app.nango.drain().await.unwrap().announced, 1);
    assert_eq!(*notified.lock().unwrap(), [Health::Healthy, broken, broken]);
}

/// Never returns.
struct Stuck;

#[async_trait]
impl WebhookHandler for Stuck {
    async fn connection_changed(&self, _: &Nango, _: ConnectionChanged) -> Result<(), BoxError> {
        std::future::pending().await
    }

    async fn connect_failed(&self, _: &Nango, _: ConnectFailed) -> Result<(), BoxError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_stuck_handler_and_a_slow_look_cost_no_delivery() {
    let app = App::configured(|builder| builder.handler(Stuck)).await;
    let token = app.browser("alice").session_token("").await;
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_millis(3_500), 1));
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    assert_eq!(app.answers(0), [Some(200)]);
    assert_eq!(app.nango.connections(&User::named("alice").unwrap()).await.unwrap().len(), 1);
    assert_eq!(app.nango.counters().marked, 0, "the look worked");
}

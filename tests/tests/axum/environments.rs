//! An API key that is of another environment than the store, or that may do little.

use std::sync::Arc;

use nango_core::{ErrorKind, Health, Nango, SigningKeys};
use nango_emulator::{CallFaults, Emulator};
use nango_tests::{App, Organization, User, call_nango, nango_builder, on_axum};
use reqwest::Method;

/// A handle on the app's store with the key of another environment.
async fn with_other_key(app: &App, other: &Emulator) -> Nango {
    let builder = nango_builder(other, app.store.clone()).entity::<User>().entity::<Organization>();
    builder.sync_period(std::time::Duration::ZERO).build().unwrap()
}

async fn other_environment() -> Emulator {
    Emulator::builder().listen("127.0.0.1:0").start().await.unwrap()
}

#[tokio::test]
async fn a_key_of_another_environment_removes_nothing() {
    let app = App::start().await;
    app.connect("alice", "sk-1").await;
    let bobs = app.connect("bob", "sk-2").await;
    let other = other_environment().await;
    let nango = with_other_key(&app, &other).await;
    let alice = User::named("alice").unwrap();

    let error = nango.sync(&alice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherEnvironment);
    assert_eq!(
        error.to_string(),
        "nango has none of the stored connections that were looked up, so that none was removed: check that the API key \
         (NANGO_SECRET_KEY) and the Nango host (NANGO_HOST) are of the environment that the store is of; if they are, a \
         sweep removes what is gone"
    );
    let connection = nango.connection(&alice, "openai").await.unwrap();
    assert_eq!(connection.check().await.unwrap_err().kind(), ErrorKind::OtherEnvironment);

    // The page is drawn from the store, and a check is a fault of the server.
    let url = format!("http://{}", on_axum(nango.clone()).await);
    let browser = nango_tests::Browser::new(&url).with_login("x-user", "alice");
    let list = browser.get("/nango/connections?sync=true").await;
    assert_eq!((list.status, list.header("nango-sync")), (200, "failed"));
    assert_eq!(list.json().as_array().map(Vec::len), Some(1), "{}", list.body);
    let path = format!("/nango/connections/{}/check", connection.handle());
    let check = browser.post(&path, "").await;
    assert_eq!((check.status, check.code().as_str()), (500, "misconfigured"));
    assert!(!check.body.contains("environment"), "{}", check.body);

    // A mark, as a delivery leaves one, removes nothing either.
    app.store.mark(&[bobs.key().clone()], nango_core::Timestamp::now()).await.unwrap();
    assert!(nango.drain().await.unwrap().nango_unavailable);
    assert_eq!(app.nango.connections(&User::named("bob").unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn with_the_right_key_what_is_gone_is_removed_after_a_look_at_another_owners() {
    let app = App::start().await;
    let alice = app.connect("alice", "sk-1").await;
    app.connect("bob", "sk-2").await;
    delete(&app, &alice).await;
    // A process that has found nothing yet.
    let nango = with_other_key(&app, &app.emulator).await;
    assert!(nango.sync(&User::named("alice").unwrap()).await.unwrap().is_empty());
    assert_eq!(nango.connections(&User::named("bob").unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_connection_of_the_only_owner_is_removed_when_it_is_gone() {
    let app = App::start().await;
    let alice = app.connect("alice", "sk-1").await;
    delete(&app, &alice).await;
    let nango = with_other_key(&app, &app.emulator).await;
    assert!(nango.sync(&User::named("alice").unwrap()).await.unwrap().is_empty());
}

async fn delete(app: &App, connection: &nango_core::OwnedConnection) {
    let key = connection.key();
    let path = format!("/connections/{}?provider_config_key={}", key.connection_id(), key.integration());
    assert_eq!(call_nango(&app.emulator, Method::DELETE, &path, None).await.status, 200);
}

#[tokio::test]
async fn a_key_that_may_not_force_a_refresh_still_checks() {
    const KEY: &str = "8f14e45f-ceea-467f-a8f0-5d6b7b1c2d3e";
    let app = App::start().await;
    let connection = app.connect("alice", "sk-1").await;
    app.emulator.add_api_key(KEY, &["environment:connections:read"]);
    let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
    let nango = Nango::builder(KEY, keys, Arc::clone(&app.store))
        .host(app.emulator.local_url())
        .allowed_integrations(["openai"])
        .entity::<User>()
        .build()
        .unwrap();
    let key = connection.key();
    app.emulator.revoke(key.integration(), key.connection_id()).await.unwrap();
    app.settled().await;

    let degraded = nango.connection(&User::named("alice").unwrap(), "openai").await.unwrap();
    assert_eq!(degraded.health(), Health::Degraded);
    let checked = degraded.check().await.unwrap();
    assert_eq!(checked.health(), Health::Degraded, "a plain look says no more");
    app.emulator.restore(key.integration(), key.connection_id()).await.unwrap();
    assert_eq!(degraded.check().await.unwrap().health(), Health::Healthy);
}

#[tokio::test]
async fn while_nango_asks_for_a_pause_no_look_is_made() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-1").await;
    let alice = app.browser("alice");
    let path = format!("/nango/connections/{}/check", connection.handle());
    app.emulator.fail_calls(CallFaults::status("/connections/*", 429, 1));
    let limited = alice.post(&path, "").await;
    assert_eq!((limited.status, limited.header("retry-after")), (503, "1"));
    // Another call would fail this one, too.
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 2));
    let stored = alice.post(&path, "").await;
    assert_eq!((stored.status, stored.json()["health"].as_str()), (200, Some("healthy")));
    let list = alice.get("/nango/connections?sync=true").await;
    assert_eq!((list.status, list.header("nango-sync")), (200, "limited"));
}

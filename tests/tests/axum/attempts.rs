//! Attempts: what became of one click, with and without a webhook.

use std::time::{Duration, Instant};

use nango_core::{AttemptState, ConfigError, MemoryStore, Nango, NangoBuilder, SigningKeys};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, User, nango_builder};
use serde_json::{Value, json};

async fn tracking() -> App {
    App::configured(NangoBuilder::track_attempts).await
}

/// Begins an attempt and returns the session token and the path of the attempt.
async fn begin(app: &App, path: &str, body: &str) -> (String, String) {
    let reply = app.browser("alice").post(path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply = reply.json();
    let text = |key: &str| reply[key].as_str().unwrap().to_owned();
    (text("sessionToken"), format!("/nango/attempts/{}", text("attempt")))
}

async fn outcome(app: &App, path: &str) -> Value {
    app.browser("alice").get(path).await.json()
}

#[tokio::test]
async fn a_click_is_connected_by_its_own_connection_only() {
    let app = tracking().await;
    let (token, mine) = begin(&app, "/nango/session-token", r#"{"integrations":["openai"]}"#).await;
    let (_, other) = begin(&app, "/nango/session-token", r#"{"integrations":["openai"]}"#).await;
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-1")).await.unwrap();
    app.settled().await;
    let handle = app.browser("alice").connections("/nango").await[0]["handle"].clone();
    assert_eq!(outcome(&app, &mine).await, json!({"state": "connected", "handle": handle}));
    assert_eq!(outcome(&app, &other).await, json!({"state": "pending"}));
    // The token is not used up.
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-2")).await.unwrap();
    app.settled().await;
    assert_eq!(outcome(&app, &mine).await["handles"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_wait_ends_without_a_webhook() {
    let app = tracking().await;
    app.emulator.set_webhook_url("http://127.0.0.1:9/lost".to_owned());
    let (token, mine) = begin(&app, "/nango/session-token", "").await;
    let connect = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        app.emulator.connect(&token, "openai", Credentials::api_key("sk-1")).await.unwrap();
    };
    let path = format!("{mine}?wait=20");
    let (found, ()) = tokio::join!(outcome(&app, &path), connect);
    assert_eq!(found["state"], "connected", "{found}");
}

#[tokio::test]
async fn a_wait_ends_although_nango_is_slow_and_no_webhook_arrives() {
    let app = tracking().await;
    let connection = app.connect("alice", "sk-old").await;
    app.emulator.set_webhook_url("http://127.0.0.1:9/lost".to_owned());
    let body = json!({"handle": connection.handle()}).to_string();
    let (token, again) = begin(&app, "/nango/reconnect-token", &body).await;
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-new")).await.unwrap();
    // Each look takes longer than the time between two reads of the store.
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_millis(1_300), 20));
    let found = outcome(&app, &format!("{again}?wait=20")).await;
    assert_eq!(found, json!({"state": "connected", "handle": connection.handle()}));
}

#[tokio::test]
async fn a_wait_sees_what_another_instance_has_received() {
    let app = tracking().await;
    let other = nango_builder(&app.emulator, app.store.clone()).entity::<User>().track_attempts();
    // It cannot look at Nango, and reads the store.
    let other = other.host("http://127.0.0.1:9").build().unwrap();
    let owner = app.connect("alice", "sk-1").await.owner().clone();
    let session = app.nango.connect_session(&owner).integrations(["openai"]).create().await.unwrap();
    let attempt = other.attempt(&owner, session.attempt.unwrap().as_str()).unwrap();
    let connect = async {
        app.emulator.connect(session.token.expose(), "openai", Credentials::api_key("sk-2")).await.unwrap();
        app.settled().await;
        Instant::now()
    };
    let (state, received) = tokio::join!(attempt.wait_for(Duration::from_secs(20)), connect);
    assert!(matches!(state, Ok(AttemptState::Connected(_))));
    assert!(received.elapsed() < Duration::from_secs(10), "{:?}", received.elapsed());
}

#[tokio::test]
async fn a_reconnect_is_an_attempt_and_its_tag_is_never_written_back() {
    let app = tracking().await;
    let connection = app.connect("alice", "sk-old").await;
    let body = json!({"handle": connection.handle()}).to_string();
    let (token, mine) = begin(&app, "/nango/reconnect-token", &body).await;
    assert_eq!(outcome(&app, &mine).await, json!({"state": "pending"}));
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-new")).await.unwrap();
    app.settled().await;
    assert_eq!(outcome(&app, &mine).await, json!({"state": "connected", "handle": connection.handle()}));
    // The tags are wiped, and restored without the attempt.
    app.reconnect_without_tags(connection.key(), "sk-3").await;
    app.settled().await;
    let after = app.nango.unscoped_client().connection(connection.key()).await.unwrap();
    assert_eq!((after.tags.get("end_user_id"), after.tags.get("attempt_id")), (Some("alice"), None));
    let owned = app.nango.connection(connection.owner(), "openai").await.unwrap();
    assert!(!owned.tags().contains_key("attempt_id"));
}

#[tokio::test]
async fn a_caller_in_rust_waits_for_the_outcome() {
    let app = tracking().await;
    let owner = app.connect("alice", "sk-1").await.owner().clone();
    let session = app.nango.connect_session(&owner).integrations(["openai"]).create().await.unwrap();
    let attempt = session.attempt.unwrap();
    assert!(matches!(attempt.state().await, Ok(AttemptState::Pending)));
    assert!(!format!("{attempt:?}").contains(attempt.as_str()));
    app.emulator.connect(session.token.expose(), "openai", Credentials::api_key("sk-2")).await.unwrap();
    let again = app.nango.attempt(&owner, attempt.as_str()).unwrap();
    let AttemptState::Connected(connections) = again.wait_for(Duration::MAX).await.unwrap() else {
        panic!("not connected")
    };
    assert_eq!((connections.len(), connections[0].integration()), (1, "openai"));
}

#[test]
fn an_entity_leaves_room_for_the_attempt() {
    macro_rules! entity {
        ($name:ident { $($field:ident),* }) => {
            #[derive(nango_core::TagMapper)]
            struct $name {
                #[nango(id)]
                id: u64,
                $(#[nango(tag)] $field: String,)*
            }
        };
    }
    entity!(Eight { a, b, c, d, e, f, g });
    entity!(Nine { a, b, c, d, e, f, g, h });
    entity!(Reserved { attempt_id });
    fn build<E: nango_core::TagMapper>() -> Result<Nango, ConfigError> {
        let builder = Nango::builder("key", SigningKeys::new(["key"])?, MemoryStore::new());
        builder.allowed_integrations(["slack"]).entity::<E>().track_attempts().build()
    }
    assert!(build::<Eight>().is_ok());
    assert_eq!(build::<Nine>().map(drop), Err(ConfigError::TooManyTags { kind: "nine" }));
    assert_eq!(build::<Reserved>().map(drop), Err(ConfigError::ReservedTag { kind: "reserved" }));
}

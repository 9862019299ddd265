//! What an app keeps with a connection, and what becomes of it when somebody reconnects.

use std::time::Duration;

use nango_core::{Builder, ErrorKind, OwnedConnection};
use nango_tests::App;
use serde_json::{Value, json};

async fn metadata(connection: &OwnedConnection) -> Value {
    connection.metadata().get().await.unwrap()
}

#[tokio::test]
async fn metadata_is_set_and_updated() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let metadata = connection.metadata();
    let get = async || metadata.get::<Value>().await.unwrap();
    assert_eq!(get().await, json!({}));
    metadata.set(&json!({"channel": "general", "filter": {"a": 1, "b": 2}})).await.unwrap();
    metadata.update(&json!({"filter": {"a": 3}, "seen": null})).await.unwrap();
    assert_eq!(get().await, json!({"channel": "general", "filter": {"a": 3}, "seen": null}));
    metadata.set(&json!({"x": 1})).await.unwrap();
    assert_eq!(get().await, json!({"x": 1}));
    assert_eq!(metadata.set(&[1, 2]).await.unwrap_err().kind(), ErrorKind::InvalidCall);
    assert_eq!(metadata.get::<Vec<u8>>().await.unwrap_err().kind(), ErrorKind::Unreadable);
    assert_eq!(connection.check().await.unwrap().owner().id(), "alice", "tags are left alone");
}

#[tokio::test]
async fn it_is_given_back_after_a_reconnect_where_the_app_wants_it_kept() {
    let app = App::configured(Builder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.metadata().update(&json!({"filter": {"a": 1}})).await.unwrap();
    // Looks by id, so that nothing else is left to be looked at.
    connection.check().await.unwrap();
    app.reconnect_by_others(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({"channel": "general", "filter": {"a": 1}}));
    let tags = app.nango.client().connection(connection.key()).await.unwrap().tags;
    assert_eq!(tags.get("end_user_id"), Some("alice"));
    let counters = app.nango.counters();
    assert_eq!((counters.metadata_repaired, counters.tags_repaired, counters.repairs_failed), (1, 1, 0));
    let row = app.store.get(&[connection.key().clone()]).await.unwrap().remove(0).unwrap();
    let again = row.look_again_at.unwrap().since(nango_core::Timestamp::now());
    assert!(again > Duration::from_secs(20) && again <= Duration::from_secs(30), "{again:?}");
}

#[tokio::test]
async fn what_was_set_elsewhere_is_given_back_too_once_it_was_seen() {
    let app = App::configured(Builder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    let body = json!({
        "connection_id": connection.key().connection_id(), "provider_config_key": "openai", "metadata": {"by": "dashboard"},
    });
    let request = nango_tests::http().post(format!("{}/connections/metadata", app.emulator.local_url()));
    let request = request.bearer_auth(app.emulator.secret_key()).header("content-type", "application/json");
    assert_eq!(request.body(body.to_string()).send().await.unwrap().status(), 201);
    // Our own reconnect looks what there is before it opens the session.
    let session = connection.reconnect().await.unwrap();
    let credentials = nango_emulator::Credentials::api_key("sk-new");
    app.emulator.connect(session.token.expose(), "openai", credentials).await.unwrap();
    app.settled().await;
    assert_eq!(metadata(&connection).await, json!({"by": "dashboard"}));
}

#[tokio::test]
async fn what_the_app_empties_stays_empty() {
    let app = App::configured(Builder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.metadata().set(&json!({})).await.unwrap();
    connection.check().await.unwrap();
    app.reconnect_by_others(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({}));
    assert_eq!(app.nango.counters().metadata_repaired, 0);
}

#[tokio::test]
async fn nothing_is_kept_unless_the_app_asks_for_it() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.check().await.unwrap();
    let row = app.store.get(&[connection.key().clone()]).await.unwrap().remove(0).unwrap();
    assert!(!row.details.to_json().contains("general"));
    app.reconnect_by_others(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({}), "as Nango does it");
}

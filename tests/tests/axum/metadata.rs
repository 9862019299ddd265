//! Metadata of a connection, and its repair after a reconnect.

use std::time::Duration;

use nango_core::{ErrorKind, NangoBuilder, OwnedConnection};
use nango_tests::{App, call_nango};
use reqwest::Method;
use serde_json::{Value, json};

async fn metadata(connection: &OwnedConnection) -> Value {
    connection.metadata().get().await.unwrap()
}

#[tokio::test]
async fn metadata_can_be_set_and_updated() {
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
    assert_eq!(metadata.set(&[1, 2]).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(metadata.get::<Vec<u8>>().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(connection.check().await.unwrap().owner().id(), "alice", "tags are left alone");
}

#[tokio::test]
async fn kept_metadata_is_repaired_after_a_reconnect() {
    let app = App::configured(NangoBuilder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.metadata().update(&json!({"filter": {"a": 1}})).await.unwrap();
    // A look by id, which leaves no mark.
    connection.check().await.unwrap();
    app.reconnect_without_tags(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({"channel": "general", "filter": {"a": 1}}));
    let tags = app.nango.unscoped_client().connection(connection.key()).await.unwrap().tags;
    assert_eq!(tags.get("end_user_id"), Some("alice"));
    let counters = app.nango.counters();
    assert_eq!((counters.metadata_repaired, counters.tags_repaired, counters.repairs_failed), (1, 1, 0));
    let row = app.store.get(&[connection.key().clone()]).await.unwrap().remove(0).unwrap();
    let again = row.look_again_at.unwrap().since(nango_core::Timestamp::now());
    assert!(again > Duration::from_secs(20) && again <= Duration::from_secs(30), "{again:?}");
}

#[tokio::test]
async fn kept_metadata_that_was_set_elsewhere_is_repaired_too() {
    let app = App::configured(NangoBuilder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    let body = json!({
        "connection_id": connection.key().connection_id(), "provider_config_key": "openai", "metadata": {"by": "dashboard"},
    });
    let reply = call_nango(&app.emulator, Method::POST, "/connections/metadata", Some(&body)).await;
    assert_eq!(reply.status, 201);
    // The library's own reconnect looks before it opens the session.
    let session = connection.reconnect().await.unwrap();
    let credentials = nango_emulator::Credentials::api_key("sk-new");
    app.emulator.connect(session.token.expose(), "openai", credentials).await.unwrap();
    app.settled().await;
    assert_eq!(metadata(&connection).await, json!({"by": "dashboard"}));
}

#[tokio::test]
async fn metadata_that_the_app_empties_stays_empty() {
    let app = App::configured(NangoBuilder::keep_metadata).await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.metadata().set(&json!({})).await.unwrap();
    connection.check().await.unwrap();
    app.reconnect_without_tags(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({}));
    assert_eq!(app.nango.counters().metadata_repaired, 0);
}

#[tokio::test]
async fn metadata_is_not_kept_by_default() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({"channel": "general"})).await.unwrap();
    connection.check().await.unwrap();
    let row = app.store.get(&[connection.key().clone()]).await.unwrap().remove(0).unwrap();
    assert!(!row.details.to_json().contains("general"));
    app.reconnect_without_tags(connection.key(), "sk-other").await;
    assert_eq!(metadata(&connection).await, json!({}), "as Nango does it");
}

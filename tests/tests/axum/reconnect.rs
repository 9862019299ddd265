//! A reconnect repairs a connection and keeps its owner.

use nango_core::{Health, OwnedConnection};
use nango_emulator::Credentials;
use nango_tests::App;
use serde_json::json;

async fn reconnect(app: &App, connection: &OwnedConnection) {
    let body = json!({"handle": connection.handle()}).to_string();
    let reply = app.browser("alice").post("/nango/reconnect-token", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let token = reply.json()["sessionToken"].as_str().unwrap().to_owned();
    let credentials = match connection.integration() {
        "slack" => Credentials::oauth2(),
        _ => Credentials::api_key("sk-new"),
    };
    app.emulator.connect(&token, connection.integration(), credentials).await.unwrap();
    app.settled().await;
}

#[tokio::test]
async fn a_reconnect_keeps_the_owner_and_the_tags() {
    let app = App::start().await;
    let before = app.connect("alice", "sk-old").await;
    reconnect(&app, &before).await;
    let last = app.emulator.deliveries().pop().unwrap();
    assert_eq!(last.operation, Some("override"));
    assert_eq!(last.attempts[0].status, Some(200));

    let after = app.nango.unscoped_client().connection(before.key()).await.unwrap();
    for (key, value) in [("end_user_id", "alice"), ("organization_id", "acme"), ("owner_kind", "user")] {
        assert_eq!(after.tags.get(key), Some(value), "{key}");
    }
    let list = app.browser("alice").connections("/nango").await;
    assert_eq!((list.len(), list[0]["handle"].as_str()), (1, Some(before.handle().as_str())));
}

#[tokio::test]
async fn tags_wiped_by_a_foreign_reconnect_are_repaired() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-old").await;
    let key = connection.key();
    app.reconnect_without_tags(key, "sk-new").await;

    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
    let after = app.nango.unscoped_client().connection(key).await.unwrap();
    assert_eq!(after.tags.get("end_user_id"), Some("alice"));
    assert_eq!(after.tags.get("owner_kind"), Some("user"));
}

#[tokio::test]
async fn a_revoked_connection_needs_a_reconnect_and_is_healthy_afterwards() {
    let app = App::start().await;
    let token = app.browser("alice").session_token("").await;
    let made = app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    app.settled().await;
    app.emulator.revoke("slack", &made.connection_id).await.unwrap();
    app.settled().await;
    let alice = app.browser("alice");
    let list = alice.connections("/nango").await;
    assert_eq!(list[0]["health"], "degraded", "the first failure may be transient");

    let check = format!("/nango/connections/{}/check", list[0]["handle"].as_str().unwrap());
    let reply = alice.post(&check, "").await;
    assert_eq!((reply.status, reply.json()["health"].as_str()), (200, Some("needs_reconnect")));

    let user = nango_tests::User::named("alice").unwrap();
    let connection = app.nango.connection(&user, "slack").await.unwrap();
    reconnect(&app, &connection).await;
    let healed = app.nango.connection(&user, "slack").await.unwrap();
    assert_eq!(healed.health(), Health::Healthy);
}

#[tokio::test]
async fn an_ambiguous_reconnect_needs_a_handle() {
    let app = App::start().await;
    let alice = app.browser("alice");
    let token = alice.session_token("").await;
    for _ in 0..2 {
        app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    }
    app.settled().await;
    let reply = alice.post("/nango/reconnect-token", r#"{"integration":"openai"}"#).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "ambiguous"));
    let handle = alice.connections("/nango").await[1]["handle"].as_str().unwrap().to_owned();
    let reply = alice.post("/nango/reconnect-token", &json!({"handle": handle}).to_string()).await;
    assert_eq!(reply.status, 200);
    for body in ["", "{}", r#"{"integration":"openai","handle":"x"}"#, r#"{"connection_id":"x"}"#] {
        let reply = alice.post("/nango/reconnect-token", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_body"), "{body}");
    }
}

#[tokio::test]
async fn a_connection_deleted_at_nango_cannot_be_reconnected() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    app.nango.unscoped_client().delete_connection(connection.key()).await.unwrap();
    let body = json!({"handle": connection.handle()}).to_string();
    let reply = app.browser("alice").post("/nango/reconnect-token", &body).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    assert!(app.browser("alice").connections("/nango").await.is_empty());
}

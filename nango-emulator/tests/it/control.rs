//! The controls, as endpoints and as methods.

use std::time::Duration;

use nango_emulator::{Credentials, DeliveryState, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Receiver, call, http, session};

async fn control(nango: &Emulator, path: &str, body: Value) -> Value {
    let (status, answer) = call(nango, Method::POST, &format!("/_emulator/{path}"), Some(body)).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn connect(nango: &Emulator, user: &str) -> String {
    let token = session(nango, json!({ "tags": { "end_user_id": user } })).await;
    nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap().connection_id
}

async fn listening() -> (Emulator, Receiver) {
    let (receiver, url) = Receiver::start(&[]).await;
    (Emulator::builder().webhook_url(url).start().await.unwrap(), receiver)
}

fn users(bodies: &[Value]) -> Vec<&str> {
    bodies.iter().map(|body| body["tags"]["end_user_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn webhook_faults_by_endpoint() {
    let (nango, receiver) = listening().await;
    control(&nango, "webhooks", json!({ "action": "drop" })).await;
    connect(&nango, "lost").await;
    control(&nango, "webhooks", json!({ "action": "duplicate" })).await;
    connect(&nango, "twice").await;
    receiver.bodies(2).await;
    control(&nango, "webhooks", json!({ "action": "reorder", "count": 2 })).await;
    connect(&nango, "first").await;
    connect(&nango, "second").await;
    receiver.bodies(4).await;
    control(&nango, "webhooks", json!({ "action": "delay", "delay_ms": 60_000 })).await;
    connect(&nango, "late").await;
    connect(&nango, "prompt").await;
    receiver.bodies(5).await;
    control(&nango, "clock", json!({ "advance_ms": 60_000 })).await;
    let bodies = receiver.bodies(6).await;
    assert_eq!(users(&bodies), ["twice", "twice", "second", "first", "prompt", "late"]);
    let (_, listed) = call(&nango, Method::GET, "/_emulator/deliveries", None).await;
    let listed = listed["deliveries"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["state"]), (6, &json!("dropped")));
    assert_eq!(listed[1]["attempts"][0]["status"], 200);
    let wrong = call(&nango, Method::POST, "/_emulator/webhooks", Some(json!({ "action": "eat" }))).await;
    assert_eq!(wrong.0, 400);
}

#[tokio::test]
async fn sessions_are_completed_and_denied_by_endpoint() {
    let (nango, receiver) = listening().await;
    let token = async || session(&nango, json!({ "tags": { "end_user_id": "curl" } })).await;
    let cases = [
        (json!({ "integration": "slack" }), json!({ "type": "OAUTH2" })),
        (json!({ "integration": "openai" }), json!({ "type": "API_KEY", "apiKey": "entered" })),
        (
            json!({ "integration": "openai", "credentials": { "type": "API_KEY", "apiKey": "mine" } }),
            json!({ "type": "API_KEY", "apiKey": "mine" }),
        ),
        (
            json!({
                "integration": "freshdesk",
                "credentials": { "type": "BASIC", "username": "u", "password": "p" },
                "params": { "subdomain": "acme" },
                "account": "anna.work@example.com",
            }),
            json!({ "type": "BASIC", "username": "u", "password": "p" }),
        ),
    ];
    for (number, (mut body, credentials)) in cases.into_iter().enumerate() {
        body["session_token"] = token().await.into();
        let made = control(&nango, "connect", body.clone()).await;
        assert_eq!(made["integration"], body["integration"]);
        let id = made["connection_id"].as_str().unwrap();
        let path = format!("/connections/{id}?provider_config_key={}", body["integration"].as_str().unwrap());
        let (_, found) = call(&nango, Method::GET, &path, None).await;
        for (name, value) in credentials.as_object().unwrap() {
            assert_eq!(&found["credentials"][name], value, "{body}");
        }
        assert_eq!(users(&receiver.bodies(number + 1).await), vec!["curl"; number + 1]);
    }
    let denial = json!({ "integration": "slack", "session_token": token().await });
    assert_eq!(control(&nango, "deny", denial).await, json!({ "error_type": "callback_err" }));
    for (path, body, code) in [
        (
            "connect",
            json!({ "integration": "slack", "session_token": "none" }),
            "invalid_connect_session_token_format",
        ),
        ("connect", json!({ "integration": "none", "session_token": token().await }), "provider_config_err"),
        ("deny", json!({ "integration": "openai", "session_token": token().await }), "provider_config_err"),
        ("connect", json!({ "integration": "slack" }), "invalid_body"),
        ("connect", json!({ "integration": "x", "session_token": "", "key": "" }), "invalid_body"),
    ] {
        let (status, answer) = call(&nango, Method::POST, &format!("/_emulator/{path}"), Some(body)).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (400, Some(code)), "{path}: {answer}");
    }
    let listed = call(&nango, Method::GET, "/connections", None).await.1;
    assert_eq!(listed["connections"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn delayed_webhook_follows_the_clock() {
    let (nango, receiver) = listening().await;
    nango.delay_next(1, Duration::from_secs(3600));
    connect(&nango, "late").await;
    assert!(!nango.wait_for_deliveries(Duration::from_millis(50)).await);
    assert!(receiver.all().is_empty());
    nango.advance(Duration::from_secs(3600));
    receiver.bodies(1).await;
}

#[tokio::test]
async fn call_faults_by_endpoint() {
    let nango = Emulator::builder().start().await.unwrap();
    let fault = json!({ "method": "GET", "path": "/connections*", "count": 2, "status": 500 });
    control(&nango, "calls", fault).await;
    let list = || call(&nango, Method::GET, "/connections?limit=1", None);
    assert_eq!(call(&nango, Method::GET, "/integrations", None).await.0, 200);
    assert_eq!([list().await.0, list().await.0, list().await.0], [500, 500, 200]);
    control(&nango, "calls", json!({ "path": "/health", "hang_up": true })).await;
    let broken = http().get(format!("{}/health", nango.local_url())).send().await;
    assert!(match broken {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    let unknown = call(&nango, Method::POST, "/_emulator/calls", Some(json!({ "kind": "x" }))).await;
    assert_eq!(unknown.0, 400);
    control(&nango, "calls", json!({ "count": 9, "status": 500 })).await;
    assert_eq!(list().await.0, 500);
    control(&nango, "clear-faults", json!({})).await;
    assert_eq!(list().await.0, 200);
}

#[tokio::test]
async fn token_expires_and_key_is_revoked() {
    let (nango, receiver) = listening().await;
    let token = session(&nango, json!({ "tags": { "end_user_id": "s" } })).await;
    let slack = nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap().connection_id;
    let path = format!("/connections/{slack}?provider_config_key=slack");
    let access =
        || async { call(&nango, Method::GET, &path, None).await.1["credentials"]["access_token"].clone() };
    let mut before = access().await;
    for by_endpoint in [false, true] {
        if by_endpoint {
            control(&nango, "expire", json!({ "integration": "slack", "connection_id": slack })).await;
        } else {
            nango.expire_token("slack", &slack).unwrap();
        }
        let after = access().await;
        assert_ne!(after, before);
        before = after;
    }
    let openai = connect(&nango, "k").await;
    receiver.bodies(2).await;
    let revoke = json!({ "integration": "openai", "connection_id": openai, "notice": false });
    control(&nango, "revoke", revoke).await;
    nango.advance(Duration::from_secs(25 * 3600));
    control(&nango, "periodic-test", json!({})).await;
    let failures = receiver.bodies(3).await.split_off(2);
    assert_eq!(failures[0]["error"]["type"], "connection_test_failed");
    let none = json!({ "integration": "openai", "connection_id": "none" });
    let noticed = json!({ "integration": "openai", "connection_id": "none", "notice": true });
    for (path, with_notice) in [("expire", 400), ("restore", 400), ("revoke", 404)] {
        let path = format!("/_emulator/{path}");
        assert_eq!(call(&nango, Method::POST, &path, Some(none.clone())).await.0, 404, "{path}");
        assert_eq!(call(&nango, Method::POST, &path, Some(noticed.clone())).await.0, with_notice, "{path}");
    }
}

#[tokio::test]
async fn all_connections_of_an_integration_are_revoked_without_an_id() {
    let (nango, receiver) = listening().await;
    for user in ["first", "second"] {
        connect(&nango, user).await;
    }
    receiver.bodies(2).await;
    control(&nango, "revoke", json!({ "integration": "openai" })).await;
    let failures = receiver.bodies(4).await.split_off(2);
    let mut failed: Vec<_> = failures.iter().map(|body| (&body["type"], &body["operation"])).collect();
    assert_eq!(failed.pop(), Some((&json!("auth"), &json!("refresh"))));
    assert_eq!(failed.pop(), Some((&json!("auth"), &json!("refresh"))));
    let none = call(&nango, Method::POST, "/_emulator/revoke", Some(json!({ "integration": "slack" }))).await;
    assert_eq!(none.0, 404);
}

#[tokio::test]
async fn creation_webhooks_can_be_disabled_but_override_cannot() {
    let (nango, receiver) = listening().await;
    let made = connect(&nango, "loud").await;
    nango.set_on_auth_creation(false);
    let quiet = connect(&nango, "quiet").await;
    let again = |id: String| {
        let body =
            json!({ "connection_id": id, "integration_id": "openai", "tags": { "end_user_id": "again" } });
        let nango = &nango;
        async move {
            let (_, answer) = call(nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
            let token = answer["data"]["token"].as_str().unwrap().to_owned();
            nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
        }
    };
    again(quiet).await;
    let bodies = receiver.bodies(2).await;
    assert_eq!(users(&bodies), ["loud", "again"]);
    assert_eq!(bodies[1]["operation"], "override");
    control(&nango, "settings", json!({ "on_auth_creation": true, "on_auth_refresh_error": false })).await;
    nango.revoke("openai", &made).await.unwrap();
    connect(&nango, "loud again").await;
    assert_eq!(users(&receiver.bodies(3).await), ["loud", "again", "loud again"]);
}

#[tokio::test]
async fn second_url_waits_for_the_first() {
    let (first, first_url) = Receiver::start(&[500, 500, 500]).await;
    let (second, second_url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(first_url).start().await.unwrap();
    nango.set_secondary_webhook_url(second_url);
    connect(&nango, "x").await;
    first.bodies(1).await;
    assert!(second.all().is_empty());
    while !nango.wait_for_deliveries(Duration::from_millis(30)).await {
        nango.advance(Duration::from_secs(6));
    }
    assert_eq!((first.all().len(), second.all().len()), (3, 1));
    let states: Vec<_> = nango.deliveries().iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Failed, DeliveryState::Delivered]);
}

#[tokio::test]
async fn reset_restores_everything() {
    let (nango, _) = listening().await;
    let (urls, key) = (nango.webhook_url(), nango.signing_key());
    let scoped = "11111111-2222-4333-8444-555555555555";
    control(&nango, "settings", json!({ "webhook_urls": [], "callback_url": "http://127.0.0.1:9/cb" })).await;
    control(&nango, "signing-key", json!({ "key": "other", "overlap": 2 })).await;
    control(&nango, "api-keys", json!({ "key": scoped, "scopes": ["environment:connections:list"] })).await;
    control(&nango, "connections", json!({ "integration": "openai", "count": 3 })).await;
    let list = || {
        let url = format!("{}/connections", nango.local_url());
        async { http().get(url).header("authorization", scoped).send().await.unwrap().status() }
    };
    assert_eq!(
        (nango.webhook_url(), nango.signing_key(), list().await.as_u16()),
        (None, "other".into(), 200)
    );
    assert_eq!(control(&nango, "reset", json!({})).await, json!({ "success": true }));
    assert_eq!((nango.webhook_url(), nango.signing_key(), list().await.as_u16()), (urls, key, 401));
    nango.add_api_key(scoped, &["environment:connections:list"]);
    assert_eq!(list().await, 200);
    assert_eq!(call(&nango, Method::GET, "/connections", None).await.1, json!({ "connections": [] }));
}

#[tokio::test]
async fn seed_reproduces_ids_in_every_run() {
    let run = || async {
        let nango = Emulator::builder().seed(7).start().await.unwrap();
        let token = session(&nango, json!({ "tags": {} })).await;
        let made = nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
        (token, made.connection_id)
    };
    assert_eq!(run().await, run().await);
}

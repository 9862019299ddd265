//! Expired tokens, refusing providers, and the resulting state of connections.

use std::time::Duration;

use nango_emulator::{Credentials, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Receiver, call, session};

const HOUR: Duration = Duration::from_secs(3600);

async fn slack(nango: &Emulator) -> (String, String) {
    let token = session(nango, json!({ "tags": { "end_user_id": "r" } })).await;
    let made = nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let path = format!("/connections/{}?provider_config_key=slack", made.connection_id);
    (made.connection_id, path)
}

async fn get(nango: &Emulator, path: &str) -> (u16, Value) {
    call(nango, Method::GET, path, None).await
}

#[tokio::test]
async fn token_is_refreshed_15_minutes_early() {
    let nango = Emulator::builder().start().await.unwrap();
    let (_, path) = slack(&nango).await;
    let first = get(&nango, &path).await.1["credentials"]["access_token"].clone();
    nango.advance(HOUR - Duration::from_secs(16 * 60));
    assert_eq!(get(&nango, &path).await.1["credentials"]["access_token"], first);
    nango.advance(Duration::from_secs(2 * 60));
    let (status, refreshed) = get(&nango, &path).await;
    assert_eq!(status, 200);
    assert_ne!(refreshed["credentials"]["access_token"], first);
    assert!(refreshed["credentials"].get("refresh_token").is_none());
    let (_, full) = get(&nango, &format!("{path}&refresh_token=true")).await;
    assert!(full["credentials"]["refresh_token"].is_string());
}

#[tokio::test]
async fn revoked_connection_backs_off_and_is_exhausted_after_four_days() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    let (id, path) = slack(&nango).await;
    nango.revoke("slack", &id).await.unwrap();
    let failure = receiver.bodies(2).await.pop().unwrap();
    assert_eq!(failure["operation"], "refresh");
    assert_eq!(failure["error"]["type"], "refresh_token_external_error");
    assert_eq!(failure["tags"], json!({ "end_user_id": "r" }));

    let (status, answer) = get(&nango, &path).await;
    assert_eq!((status, &answer["error"]["code"]), (424, &json!("invalid_credentials")));
    assert_eq!(answer["error"]["payload"]["connection"]["credentials"], json!({}));
    let (status, _) = get(&nango, &format!("{path}&force_refresh=true")).await;
    assert_eq!(status, 400);

    // The token is still valid: after the back-off only `errors` shows the failure.
    nango.advance(Duration::from_secs(31));
    let (status, answer) = get(&nango, &path).await;
    assert_eq!((status, &answer["errors"][0]["type"]), (200, &json!("auth")));

    for _ in 0..3 {
        nango.advance(24 * HOUR);
        // Forced, since the periodic refresh may have run just before.
        assert_eq!(get(&nango, &format!("{path}&force_refresh=true")).await.0, 400);
    }
    nango.advance(24 * HOUR);
    let (status, answer) = get(&nango, &path).await;
    assert_eq!(status, 424);
    assert!(answer["error"]["message"].as_str().unwrap().contains("limit"));
}

#[tokio::test]
async fn reconnect_clears_errors() {
    let nango = Emulator::builder().start().await.unwrap();
    let (id, path) = slack(&nango).await;
    nango.revoke("slack", &id).await.unwrap();
    let body = json!({ "connection_id": id, "integration_id": "slack" });
    let (_, answer) = call(&nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
    let token = answer["data"]["token"].as_str().unwrap();
    nango.connect(token, "slack", Credentials::oauth2()).await.unwrap();
    let (status, answer) = get(&nango, &path).await;
    assert_eq!((status, &answer["errors"]), (200, &json!([])));
}

#[tokio::test]
async fn restored_connection_recovers_without_webhook() {
    let nango = Emulator::builder().start().await.unwrap();
    for (integration, credentials) in
        [("slack", Credentials::oauth2()), ("openai", Credentials::api_key("k"))]
    {
        let token = session(&nango, json!({ "tags": {} })).await;
        let id = nango.connect(&token, integration, credentials).await.unwrap().connection_id;
        let path = format!("/connections/{id}?provider_config_key={integration}");
        nango.revoke(integration, &id).await.unwrap();
        let body = json!({ "integration": integration, "connection_id": id });
        let list = format!("/connections?connectionId={id}");
        let errors = async || get(&nango, &list).await.1["connections"][0]["errors"].clone();
        assert_eq!(errors().await[0]["type"], "auth", "{integration}");
        assert_eq!(call(&nango, Method::POST, "/_emulator/restore", Some(body)).await.0, 200);
        assert_eq!(errors().await, json!([]), "{integration}");
        let (status, answer) = get(&nango, &path).await;
        assert_eq!((status, &answer["errors"]), (200, &json!([])), "{integration}");
    }
}

#[tokio::test]
async fn periodic_test_detects_an_unused_revoked_key() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    let token = session(&nango, json!({ "tags": { "other": "1" } })).await;
    let made = nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
    nango.revoke_unnoticed("openai", &made.connection_id).await.unwrap();
    nango.run_periodic_test().await;
    assert_eq!(receiver.bodies(1).await.len(), 1, "fetched less than a day ago");
    nango.advance(25 * HOUR);
    nango.run_periodic_test().await;
    let failure = receiver.bodies(2).await.pop().unwrap();
    assert_eq!(failure["error"]["type"], "connection_test_failed");
    assert_eq!(failure["operation"], "refresh");
}

#[tokio::test]
async fn recreated_connection_has_a_new_numeric_id() {
    let nango = Emulator::builder().start().await.unwrap();
    let import = json!({
        "provider_config_key": "openai",
        "connection_id": "same",
        "credentials": { "type": "API_KEY", "apiKey": "k" },
    });
    let make = || call(&nango, Method::POST, "/connections", Some(import.clone()));
    let (status, first) = make().await;
    assert_eq!(status, 201, "{first}");
    assert_eq!(make().await.1["id"], first["id"]);
    let path = "/connections/same?provider_config_key=openai";
    assert_eq!(call(&nango, Method::DELETE, path, None).await.0, 200);
    let (status, gone) = call(&nango, Method::DELETE, path, None).await;
    assert_eq!((status, gone), (400, json!({ "error": { "code": "unknown_connection" } })));
    assert!(make().await.1["id"].as_u64() > first["id"].as_u64());
}

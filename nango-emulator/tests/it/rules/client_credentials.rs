use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{acme, provider, with};
use crate::support::{call, http, session};

async fn answering(status: u16, body: &'static str) -> Emulator {
    let base = provider(status, body).await;
    acme(json!({
        "display_name": "Acme", "auth_mode": "OAUTH2_CC", "token_url": format!("{base}/token"),
        "token_response_metadata": ["team_id"], "proxy": { "base_url": base },
    }))
    .await
}

/// Connects with client credentials. Returns status and body.
async fn connect(nango: &Emulator, integration: &str, body: &Value) -> (u16, Value) {
    let token = nango.create_session(&[]);
    let url = format!("{}/oauth2/auth/{integration}?connect_session_token={token}", nango.local_url());
    let answer = with(http().post(url), body).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

fn client() -> Value {
    json!({ "client_id": "i", "client_secret": "s" })
}

/// Nango wraps the fields of the rejection that it knows, and sends the result as a text.
#[tokio::test]
async fn rejection_is_wrapped_in_a_text() {
    for (status, body, payload) in [
        (
            400,
            r#"{"trace":"1","error_description":"no such client","error":"invalid_client"}"#,
            r#"{"provider_error_payload":{"error":"invalid_client","error_description":"no such client"}}"#,
        ),
        (
            401,
            r#"{"error":{"message":"inner","code":7,"detail":{}},"message":"outer"}"#,
            r#"{"provider_error_payload":{"message":"outer"}}"#,
        ),
        (500, r#"{"status":"down"}"#, "{}"),
        (500, "down", r#"{"provider_error_payload":"down"}"#),
    ] {
        let nango = answering(status, body).await;
        nango.set_webhook_url("http://127.0.0.1:9/hook");
        let message =
            format!("Failed to fetch client credentials token: {}", serde_json::to_string(payload).unwrap());
        let error = json!({
            "message": message, "code": "client_credentials_fetch_error", "payload": payload,
        });
        assert_eq!(connect(&nango, "acme", &client()).await, (400, json!({ "error": error })), "{body}");
        assert_eq!(nango.deliveries().len(), 0);
        assert_eq!(call(&nango, Method::GET, "/connections", None).await.1, json!({ "connections": [] }));
    }
}

/// A reply of another shape than a rejection is an error that Nango does not handle.
#[tokio::test]
async fn reply_without_a_token_is_an_unhandled_error() {
    let nango = answering(200, r#"{"hello":"world"}"#).await;
    let (status, body) = connect(&nango, "acme", &client()).await;
    assert_eq!((status, &body["error"]["code"]), (500, &json!("generic_error_support")));
}

#[tokio::test]
async fn refresh_tokens_are_hidden_in_the_raw_reply() {
    let reply = r#"{"access_token":"a","refresh_token":"r","expires_in":"3600","team_id":"T",
                    "nested":{"refreshToken":"r","kept":[{"Refresh-Token":"r","x":1}]}}"#;
    let nango = answering(200, reply).await;
    let (status, made) = connect(&nango, "acme", &client()).await;
    assert_eq!(status, 200, "{made}");
    let path = format!("/connections/{}?provider_config_key=acme", made["connectionId"].as_str().unwrap());
    let (_, got) = call(&nango, Method::GET, &path, None).await;
    let mut raw = got["credentials"]["raw"].clone();
    assert!(raw["expires_at"].take().is_string());
    assert_eq!(
        raw,
        json!({
            "access_token": "a", "expires_in": "3600", "team_id": "T", "nested": { "kept": [{ "x": 1 }] },
            "expires_at": null,
        })
    );
    assert_eq!(got["connection_config"], json!({ "team_id": "T" }));
    let (_, got) = call(&nango, Method::GET, &format!("{path}&refresh_token=true"), None).await;
    assert_eq!(got["credentials"]["raw"]["refresh_token"], "r");
    assert_eq!(got["credentials"]["raw"]["nested"]["refreshToken"], "r");
}

/// Nango takes refresh tokens out of the config, too.
#[tokio::test]
async fn refresh_tokens_are_hidden_in_the_config() {
    let nango = super::emulator().await;
    let config = json!({ "slack": { "connection_config": { "refresh_token": "r", "kept": "1" } } });
    let token = session(&nango, json!({ "tags": {}, "integrations_config_defaults": config })).await;
    let credentials = nango_emulator::Credentials::oauth2();
    let id = nango.connect(&token, "slack", credentials).await.unwrap().connection_id;
    let path = format!("/connections/{id}?provider_config_key=slack");
    for (more, expected) in [("", Value::Null), ("&refresh_token=1", json!("r"))] {
        let (_, got) = call(&nango, Method::GET, &format!("{path}{more}"), None).await;
        let config = &got["connection_config"];
        assert_eq!((&config["refresh_token"], &config["kept"]), (&expected, &json!("1")), "{more}");
    }
}

/// Without a lifetime in the reply, client credentials expire after 55 minutes.
#[tokio::test]
async fn tokens_without_a_lifetime_expire_all_the_same() {
    let nango = answering(200, r#"{"access_token":"a"}"#).await;
    let (_, made) = connect(&nango, "acme", &client()).await;
    let path = format!("/connections/{}?provider_config_key=acme", made["connectionId"].as_str().unwrap());
    let (_, got) = call(&nango, Method::GET, &path, None).await;
    let expires: jiff::Timestamp = got["credentials"]["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - jiff::Timestamp::now().as_second();
    assert!((54 * 60..=55 * 60).contains(&left), "{left}");
    assert_eq!(got["credentials"]["raw"], json!({ "access_token": "a" }));
}

#[tokio::test]
async fn older_endpoint_has_the_older_envelope() {
    let nango = super::emulator().await;
    for (integration, code, message) in [
        (
            "none",
            "unknown_provider_config",
            "There is no Provider Configuration matching this key. Please make sure this value exists in \
             the Nango dashboard {}",
        ),
        ("openai", "invalid_auth_mode", "Invalid auth mode. The provider does not support this auth mode."),
    ] {
        let error = json!({ "message": message, "code": code, "payload": {} });
        assert_eq!(connect(&nango, integration, &client()).await, (400, json!({ "error": error })));
    }
}

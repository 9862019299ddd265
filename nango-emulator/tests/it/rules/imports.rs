use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{emulator, post};
use crate::support::call;

#[tokio::test]
async fn imports_are_strict_and_their_credentials_a_union() {
    let nango = emulator().await;
    let key = json!({ "type": "API_KEY", "apiKey": "k" });
    let of = |extra: Value| {
        let mut body =
            json!({ "provider_config_key": "openai", "credentials": { "type": "API_KEY", "apiKey": "k" } });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for (body, said) in [
        (json!({}), "400 invalid_body invalid_type@provider_config_key invalid_type@credentials"),
        (of(json!({ "credentials": {} })), "400 invalid_body invalid_union@credentials.type"),
        (of(json!({ "credentials": { "type": "NOPE" } })), "400 invalid_body invalid_union@credentials.type"),
        (
            of(json!({ "credentials": { "type": "API_KEY" } })),
            "400 invalid_body invalid_type@credentials.apiKey",
        ),
        (
            of(json!({ "credentials": { "type": "API_KEY", "apiKey": "x".repeat(1025) } })),
            "400 invalid_body too_big@credentials.apiKey",
        ),
        (
            of(json!({ "credentials": { "type": "TBA" } })),
            "400 invalid_body invalid_type@credentials.token_id invalid_type@credentials.token_secret",
        ),
        (
            of(json!({ "credentials": { "type": "OAUTH2" } })),
            "400 invalid_body invalid_type@credentials.access_token",
        ),
        (
            of(json!({ "credentials": { "type": "BASIC", "username": "u", "password": "p" } })),
            "400 invalid_body",
        ),
        (of(json!({ "credentials": "x" })), "400 invalid_body invalid_type@credentials"),
        (of(json!({ "metadata": [] })), "400 invalid_body invalid_type@metadata"),
        (of(json!({ "metadata": { "constructor": 1 } })), "400 invalid_body invalid_type@metadata"),
        (of(json!({ "connection_config": 1 })), "400 invalid_body invalid_type@connection_config"),
        (
            of(json!({ "connection_config": { "oauth_scopes_override": "a" } })),
            "400 invalid_body invalid_type@connection_config.oauth_scopes_override",
        ),
        (
            of(json!({ "connection_config": { "oauth_scopes_override": [1] } })),
            "400 invalid_body invalid_type@connection_config.oauth_scopes_override.0",
        ),
        (of(json!({ "connection_id": 1 })), "400 invalid_body invalid_type@connection_id"),
        (of(json!({ "end_user": { "id": "" } })), "400 invalid_body too_small@end_user.id"),
        (of(json!({ "organization": { "id": "o" } })), "400 invalid_body unrecognized_keys@"),
        (of(json!({ "tags": { "a": 1 } })), "400 invalid_body invalid_type@tags.a"),
        (of(json!({ "webhook_url_override": "x" })), "400 invalid_body invalid_union@webhook_url_override"),
        (of(json!({ "x": 1, "y": 2 })), "400 invalid_body unrecognized_keys@"),
        (json!({ "provider_config_key": "none", "credentials": key }), "404 not_found"),
        (of(json!({})), "201"),
    ] {
        assert_eq!(post(&nango, "/connections", body.clone()).await, said, "{body}");
    }
}

#[tokio::test]
async fn imported_tokens_appear_in_raw() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("emulator.json");
    let text = json!({
        "providers": { "old": { "display_name": "Old", "auth_mode": "OAUTH1" } },
        "integrations": [{ "unique_key": "old", "provider": "old" }],
    });
    std::fs::write(&config, text.to_string()).unwrap();
    let nango = Emulator::builder().config_file(config).start().await.unwrap();
    let raw = json!({ "type": "OAUTH1", "oauth_token": "t", "oauth_token_secret": "s" });
    let body = json!({ "provider_config_key": "old", "credentials": raw });
    let (status, made) = call(&nango, Method::POST, "/connections", Some(body)).await;
    assert_eq!((status, &made["credentials"]["raw"]), (201, &raw));
    assert_eq!(made["credentials"]["oauth_token"], "t");
}

#[tokio::test]
async fn repeated_import_resets_missing_fields() {
    let nango = emulator().await;
    let import = |extra: Value| {
        let mut body = json!({
            "provider_config_key": "openai",
            "connection_id": "c",
            "credentials": { "type": "API_KEY", "apiKey": "k" },
        });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let nango = &nango;
        async move { call(nango, Method::POST, "/connections", Some(body)).await.1 }
    };
    let first = import(json!({
        "metadata": { "m": 1 }, "connection_config": { "r": "eu" }, "tags": { "T": "1" },
        "webhook_url_override": "http://127.0.0.1:9/x", "end_user": { "id": "u" },
    }))
    .await;
    assert_eq!(first["tags"], json!({ "t": "1", "end_user_id": "u" }));
    assert_eq!(first["end_user"]["id"], "u");
    let again = import(json!({})).await;
    for (field, value) in [
        ("tags", json!({})),
        ("metadata", json!({})),
        ("connection_config", json!({})),
        ("webhook_url_override", Value::Null),
    ] {
        assert_eq!(again[field], value, "{field}");
    }
    assert_eq!((&again["id"], &again["created_at"]), (&first["id"], &first["created_at"]));
}

use nango_emulator::{Credentials, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use super::{create, emulator, post};
use crate::support::{call, http, session};

#[tokio::test]
async fn session_integrations_must_be_valid_and_exist() {
    let long = "x".repeat(256);
    for (body, said) in [
        (json!({ "allowed_integrations": ["slack", "openai", "slack"] }), "201"),
        (json!({ "allowed_integrations": [] }), "201"),
        (json!({ "allowed_integrations": "slack" }), "400 invalid_body invalid_type@allowed_integrations"),
        (json!({ "allowed_integrations": null }), "400 invalid_body invalid_type@allowed_integrations"),
        (json!({ "allowed_integrations": [1] }), "400 invalid_body invalid_type@allowed_integrations.0"),
        (json!({ "allowed_integrations": [""] }), "400 invalid_body invalid_format@allowed_integrations.0"),
        (json!({ "allowed_integrations": [long] }), "400 invalid_body too_big@allowed_integrations.0"),
        (
            json!({ "allowed_integrations": ["slack", "a", "b"] }),
            "400 invalid_body custom@allowed_integrations.1 custom@allowed_integrations.2",
        ),
        (
            json!({ "allowed_integrations": ["a"], "overrides": { "b": {} } }),
            "400 invalid_body custom@allowed_integrations.0 custom@overrides.b",
        ),
        (
            json!({
                "overrides": { "d": {} }, "integrations_config_defaults": { "c": {} },
                "allowed_integrations": ["slack", "a", "b"],
            }),
            "400 invalid_body custom@allowed_integrations.1 custom@allowed_integrations.2 \
             custom@integrations_config_defaults.c custom@overrides.d",
        ),
        (
            json!({ "integrations_config_defaults": { "x": {} }, "overrides": { "slack": {}, "y": {} } }),
            "400 invalid_body custom@integrations_config_defaults.x custom@overrides.y",
        ),
    ] {
        let mut whole = body.clone();
        whole["tags"] = json!({});
        assert_eq!(create(whole).await, said, "{body}");
    }
}

#[tokio::test]
async fn defaults_are_strict_inside_and_overrides_are_not() {
    let defaults = |inner: Value| json!({ "tags": {}, "integrations_config_defaults": { "slack": inner } });
    let overrides = |inner: Value| json!({ "tags": {}, "overrides": { "slack": inner } });
    const AT: &str = "integrations_config_defaults.slack";
    for (body, said) in [
        (defaults(json!({})), "201".to_owned()),
        (defaults(json!({ "connection_config": { "any": [1] } })), "201".to_owned()),
        (defaults(json!(null)), format!("400 invalid_body invalid_type@{AT}")),
        (defaults(json!({ "x": 1 })), format!("400 invalid_body unrecognized_keys@{AT}")),
        (defaults(json!({ "user_scopes": 1 })), format!("400 invalid_body invalid_type@{AT}.user_scopes")),
        (
            defaults(json!({ "authorization_params": { "a": 1 } })),
            format!("400 invalid_body invalid_type@{AT}.authorization_params.a"),
        ),
        (
            defaults(json!({ "authorization_params": { "constructor": "x" } })),
            format!("400 invalid_body invalid_type@{AT}.authorization_params"),
        ),
        (
            defaults(json!({ "connection_config": { "oauth_scopes_override": ["a"] } })),
            format!("400 invalid_body invalid_type@{AT}.connection_config.oauth_scopes_override"),
        ),
        (
            json!({ "tags": {}, "integrations_config_defaults": { "a/b": {} } }),
            "400 invalid_body invalid_key@integrations_config_defaults.a/b".to_owned(),
        ),
        (
            json!({ "tags": {}, "integrations_config_defaults": [] }),
            "400 invalid_body invalid_type@integrations_config_defaults".to_owned(),
        ),
        (overrides(json!({ "unknown": 1 })), "201".to_owned()),
        (overrides(json!({ "docs_connect": "" })), "201".to_owned()),
        (
            overrides(json!({ "docs_connect": 1 })),
            "400 invalid_body invalid_type@overrides.slack.docs_connect".to_owned(),
        ),
        (overrides(json!({ "docs_connect": "https://docs.example" })), "403 forbidden".to_owned()),
        (
            json!({
                "tags": {}, "allowed_integrations": ["none"],
                "overrides": { "slack": { "docs_connect": "https://docs.example" } },
            }),
            "400 invalid_body custom@allowed_integrations.0".to_owned(),
        ),
        (overrides(json!("x")), "400 invalid_body invalid_type@overrides.slack".to_owned()),
    ] {
        assert_eq!(create(body.clone()).await, said, "{body}");
    }
}

/// Returns the session of `body` as the Connect UI gets it.
async fn shown(nango: &Emulator, body: Value) -> Value {
    let token = session(nango, body).await;
    let url = format!("{}/connect/session", nango.local_url());
    let answer = http().get(url).header("authorization", token).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    answer["data"].clone()
}

#[tokio::test]
async fn unknown_inner_keys_of_overrides_are_dropped() {
    let nango = emulator().await;
    let data = shown(&nango, json!({ "tags": {}, "overrides": { "slack": { "x": 1 } } })).await;
    assert_eq!(data["overrides"], json!({ "slack": {} }));
}

#[tokio::test]
async fn empty_defaults_differ_from_missing_ones() {
    let nango = emulator().await;
    let defaults = |data: Value| data.get("integrations_config_defaults").cloned();
    let scopes = json!({ "slack": { "user_scopes": "a" } });
    for (given, seen) in [(json!({}), json!({})), (scopes, json!({ "slack": {} }))] {
        let body = json!({ "tags": {}, "integrations_config_defaults": given });
        assert_eq!(defaults(shown(&nango, body).await), Some(seen));
    }
    assert_eq!(defaults(shown(&nango, json!({ "tags": {} })).await), None);
}

#[tokio::test]
async fn webhook_url_overrides() {
    for (url, said) in [
        (json!(""), "201"),
        (json!("http://127.0.0.1:9/x"), "201"),
        (json!("https://hooks.example"), "201"),
        (json!("nope"), "400 invalid_body invalid_union@webhook_url_override"),
        (json!(1), "400 invalid_body invalid_union@webhook_url_override"),
        (json!(null), "400 invalid_body invalid_union@webhook_url_override"),
        (json!("https://nango.dev/x"), "400 invalid_body custom@webhook_url_override"),
        (json!("http://169.254.169.254/x"), "400 invalid_body custom@webhook_url_override"),
        (json!("ftp://example.com"), "400 invalid_body custom@webhook_url_override"),
    ] {
        assert_eq!(create(json!({ "tags": {}, "webhook_url_override": url })).await, said, "{url}");
    }
}

/// The older place of the override: it is validated there, moved, and never part of the config.
#[tokio::test]
async fn webhook_url_in_the_connection_config_is_moved() {
    let nango = emulator().await;
    let body = |config: Value, url: Option<&str>| {
        let mut body = json!({ "tags": {}, "integrations_config_defaults": { "openai": { "connection_config": config } } });
        if let Some(url) = url {
            body["webhook_url_override"] = json!(url);
        }
        body
    };
    const AT: &str = "integrations_config_defaults.openai.connection_config.webhook_url";
    let bad = post(&nango, "/connect/sessions", body(json!({ "webhook_url": "nope" }), None)).await;
    assert_eq!(bad, format!("400 invalid_body invalid_union@{AT}"));
    let denied =
        post(&nango, "/connect/sessions", body(json!({ "webhook_url": "http://10.0.0.1" }), None)).await;
    assert_eq!(denied, format!("400 invalid_body custom@{AT}"));
    let (old, own) = ("http://127.0.0.1:9/old", "http://127.0.0.1:9/own");
    for (config, url, stored) in [
        (json!({ "webhook_url": old, "region": "eu" }), None, json!(old)),
        (json!({ "webhook_url": old, "region": "eu" }), Some(own), json!(own)),
        (json!({ "webhook_url": old, "region": "eu" }), Some(""), Value::Null),
        (json!({ "webhook_url": "", "region": "eu" }), None, Value::Null),
    ] {
        let token = session(&nango, body(config, url)).await;
        let made = nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
        let path = format!("/connections/{}?provider_config_key=openai", made.connection_id);
        let (_, got) = call(&nango, Method::GET, &path, None).await;
        assert_eq!(
            (&got["webhook_url_override"], &got["connection_config"]),
            (&stored, &json!({ "region": "eu" }))
        );
    }
}

use reqwest::Method;
use serde_json::{Value, json};

use super::{emulator, import, request, say};
use crate::support::{call, http};
use nango_emulator::{DEV_READ_KEY, Emulator};

/// Asks with a key that has these scopes.
async fn ask(nango: &Emulator, path: &str, scopes: &[&str]) -> String {
    let key = "6f0c1a52-1111-4222-8333-444455556666";
    nango.add_api_key(key, scopes);
    let url = format!("{}{path}", nango.local_url());
    say(http().get(url).header("authorization", key)).await
}

#[tokio::test]
async fn deprecated_config_names_provider_and_functions() {
    let nango = emulator().await;
    let (status, body) = call(&nango, Method::GET, "/config/slack", None).await;
    let shown = json!({ "unique_key": "slack", "provider": "slack", "syncs": [], "actions": [] });
    assert_eq!((status, body), (200, json!({ "config": shown })));
    let (status, body) = call(&nango, Method::GET, "/config/none", None).await;
    // The old envelope, and 400 where the newer endpoint has 404.
    let message = "There is no Provider Configuration matching this key. Please make sure this value \
                   exists in the Nango dashboard {}";
    let error = json!({ "message": message, "code": "unknown_provider_config", "payload": {} });
    assert_eq!((status, body), (400, json!({ "error": error })));
}

#[tokio::test]
async fn deprecated_config_shows_credentials_to_keys_with_the_scope() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let (_, body) = call(&nango, Method::GET, "/config/slack?include_creds=true", None).await;
    let config = &body["config"];
    let keys: Vec<_> = config.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "unique_key",
            "provider",
            "client_id",
            "client_secret",
            "custom",
            "scopes",
            "app_link",
            "auth_mode",
            "created_at",
            "syncs",
            "actions",
            "has_webhook",
            "webhook_secret",
            "connections",
            "docs",
            "connection_count",
            "has_webhook_user_defined_secret",
            "webhook_url"
        ]
    );
    assert_eq!((&config["auth_mode"], &config["scopes"]), (&json!("OAUTH2"), &json!("channels:read")));
    assert_eq!((&config["connections"], &config["webhook_url"]), (&json!([]), &Value::Null));
    let (_, body) = call(&nango, Method::GET, "/config/openai?include_creds=true", None).await;
    let config = &body["config"];
    assert_eq!((&config["connection_count"], &config["client_id"]), (&json!(1), &Value::Null));
    let connection = &config["connections"][0];
    assert_eq!(
        (&connection["connection_id"], &connection["provider_config_key"], &connection["connection_config"]),
        (&json!("c"), &json!("openai"), &json!({}))
    );
    let read = ["environment:integrations:read"];
    for (path, scopes, said) in [
        ("/config/slack", &read[..], "200"),
        ("/config/slack?include_creds=false", &read, "200"),
        ("/config/slack?include_creds=true", &read, "403 forbidden"),
        ("/config/none?include_creds=true", &read, "400 unknown_provider_config"),
        ("/config/slack?include_creds=true", &["environment:integrations:read_credentials"], "200"),
        ("/config/slack", &["environment:integrations:list"], "403 forbidden"),
    ] {
        assert_eq!(ask(&nango, path, scopes).await, said, "{path} {scopes:?}");
    }
}

#[tokio::test]
async fn deprecated_config_takes_a_key_and_only_gets() {
    let nango = emulator().await;
    let url = format!("{}/config/slack", nango.local_url());
    assert_eq!(say(http().get(&url)).await, "401 missing_auth_header");
    assert_eq!(say(http().get(&url).header("authorization", DEV_READ_KEY)).await, "403 forbidden");
    // Nango's check of the content type does not cover this path.
    let asked = http().get(&url).header("authorization", nango.secret_key());
    assert_eq!(say(asked.header("content-type", "text/plain").body("x")).await, "200");
    let foreign = http().get(format!("{url}?include_creds=true")).header("origin", "https://evil.example");
    assert_eq!(say(foreign.header("authorization", nango.secret_key())).await, "403 cross_origin");
    for (method, path) in [(Method::POST, "/config"), (Method::DELETE, "/config/slack")] {
        assert_eq!(say(request(&nango, method, path)).await, "404", "{path}");
    }
    assert_eq!(say(request(&nango, Method::GET, "/config")).await, "500 generic_error_support");
}

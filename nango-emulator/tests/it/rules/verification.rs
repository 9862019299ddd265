use std::time::Duration;

use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{acme, provider, slack};
use crate::support::call;

async fn verifying(status: u16, mode: &str) -> Emulator {
    let base = provider(status, "{}").await;
    let verification = json!({ "method": "GET", "endpoints": ["/verify"] });
    acme(json!({
        "display_name": "Acme", "auth_mode": mode, "token_url": format!("{base}/token"),
        "proxy": { "base_url": base, "verification": verification },
    }))
    .await
}

fn body(credentials: &Value) -> Value {
    json!({
        "provider_config_key": "acme", "connection_id": "c", "credentials": credentials,
        "tags": { "new": "1" },
    })
}

#[tokio::test]
async fn import_verifies_keys_and_passwords_first() {
    let key = json!({ "type": "API_KEY", "apiKey": "bad" });
    let basic = json!({ "type": "BASIC", "username": "u", "password": "p" });
    for (mode, credentials) in [("API_KEY", key), ("BASIC", basic)] {
        let nango = verifying(401, mode).await;
        nango.set_webhook_url("http://127.0.0.1:9/hook");
        let made = call(&nango, Method::POST, "/connections", Some(body(&credentials))).await;
        let message = "The given credentials were found to be invalid. Please check the credentials and \
                       try again.";
        let error = json!({ "code": "connection_test_failed", "message": message });
        assert_eq!(made, (400, json!({ "error": error })), "{mode}");
        let (_, list) = call(&nango, Method::GET, "/connections", None).await;
        assert_eq!(list, json!({ "connections": [] }), "{mode}");
        assert!(nango.wait_for_deliveries(Duration::from_secs(5)).await);
        assert_eq!(nango.deliveries().len(), 0, "{mode}");

        let nango = verifying(200, mode).await;
        assert_eq!(
            call(&nango, Method::POST, "/connections", Some(body(&credentials))).await.0,
            201,
            "{mode}"
        );
    }
}

/// A living connection is not overwritten by an import that fails.
#[tokio::test]
async fn failed_import_keeps_the_connection() {
    let nango = verifying(403, "API_KEY").await;
    nango.import_many("acme", 1, "c", &[("old", "1")]).unwrap();
    let key = json!({ "type": "API_KEY", "apiKey": "bad" });
    assert_eq!(call(&nango, Method::POST, "/connections", Some(body(&key))).await.0, 400);
    let (_, got) = call(&nango, Method::GET, "/connections/c?provider_config_key=acme", None).await;
    assert_eq!((&got["tags"], &got["credentials"]["apiKey"]), (&json!({ "old": "1" }), &json!("imported")));
}

/// Nango tests neither tokens nor integrations whose provider the emulator stands in for.
#[tokio::test]
async fn import_of_tokens_is_not_verified() {
    let nango = verifying(401, "OAUTH2").await;
    let token = json!({ "type": "OAUTH2", "access_token": "t" });
    assert_eq!(call(&nango, Method::POST, "/connections", Some(body(&token))).await.0, 201);
    slack(&super::emulator().await).await;
}

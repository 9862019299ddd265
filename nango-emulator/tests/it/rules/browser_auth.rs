use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, emulator, get, import, say, with};
use crate::support::{call, http, session};
use nango_emulator::Emulator;

async fn ask(nango: &Emulator, path: &str, query: &str, body: &Value) -> String {
    say(with(http().post(format!("{}{path}?{query}", nango.local_url())), body)).await
}

#[tokio::test]
async fn browser_endpoints_authenticate_by_query() {
    let nango = emulator().await;
    let token = nango.create_session(&[]);
    let unknown = format!("nango_connect_session_{}", "0".repeat(64));
    for (query, said) in [
        (String::new(), "401 missing_public_key"),
        ("connect_session_token=".to_owned(), "401 missing_public_key"),
        ("public_key=".to_owned(), "401 missing_public_key"),
        ("public_key=x".to_owned(), "401 invalid_public_key"),
        ("public_key=9eed1c0a-5986-4ed3-aad9-73657370f80c".to_owned(), "401 deprecated_authentication"),
        ("connect_session_token=x".to_owned(), "401 invalid_connect_session_token_format"),
        (
            format!("connect_session_token={}", token.to_uppercase()),
            "401 invalid_connect_session_token_format",
        ),
        (format!("connect_session_token={unknown}"), "401 unknown_connect_session_token"),
        (format!("connect_session_token={token}&public_key=x"), "200"),
    ] {
        for path in ["/api-auth/api-key/openai", "/oauth2/auth/openai"] {
            let expected =
                if path.starts_with("/oauth2") && said == "200" { "400 missing_client_id" } else { said };
            assert_eq!(
                ask(&nango, path, &query, &json!({ "apiKey": "k" })).await,
                expected,
                "{path}?{query}"
            );
        }
    }
}

#[tokio::test]
async fn session_bodies_are_strict() {
    let nango = emulator().await;
    let query = format!("connect_session_token={}", nango.create_session(&[]));
    let long = "x".repeat(1025);
    let (key, basic) = ("/api-auth/api-key/openai", "/api-auth/basic/freshdesk");
    for (path, body, said) in [
        (key, json!({}), "400 invalid_body invalid_type@apiKey"),
        (key, json!({ "apiKey": 1 }), "400 invalid_body invalid_type@apiKey"),
        (key, json!({ "apiKey": long }), "400 invalid_body too_big@apiKey"),
        (key, json!({ "apiKey": "k", "x": 1 }), "400 invalid_body unrecognized_keys@"),
        (key, json!({ "api_key": "k" }), "400 invalid_body invalid_type@apiKey unrecognized_keys@"),
        (basic, json!({}), "400 invalid_body invalid_type@username invalid_type@password"),
        (basic, json!({ "username": "", "password": "" }), "200"),
        (
            basic,
            json!({ "username": long, "password": long }),
            "400 invalid_body too_big@username too_big@password",
        ),
        ("/auth/unauthenticated/openai", json!({ "a": 1 }), "400 invalid_body unrecognized_keys@"),
        ("/auth/unauthenticated/openai", json!({}), "400 invalid_auth_mode"),
    ] {
        assert_eq!(ask(&nango, path, &query, &body).await, said, "{path} {body}");
    }
}

/// Checks the order: body, query, path, integration, auth mode, allowed list, connection.
#[tokio::test]
async fn checks_run_in_order() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let only_slack = session(&nango, json!({ "tags": {}, "allowed_integrations": ["slack"] })).await;
    let query = format!("connect_session_token={only_slack}");
    let key = json!({ "apiKey": "k" });
    let path = |integration: &str| format!("/api-auth/api-key/{integration}");
    for (integration, extra, body, said) in [
        ("a%2Fb", "&connection_id=", json!({}), "400 invalid_body invalid_type@apiKey"),
        ("a%2Fb", "&connection_id=", key.clone(), "400 invalid_query_params invalid_format@connection_id"),
        ("a%2Fb", "&params=x", key.clone(), "400 invalid_query_params invalid_type@params"),
        (
            "a%2Fb",
            "&connection_id=mine",
            key.clone(),
            "400 invalid_uri_params invalid_format@providerConfigKey",
        ),
        ("none", "&connection_id=mine", key.clone(), "400 invalid_query_params custom@connection_id"),
        ("none", "", key.clone(), "404 unknown_provider_config"),
        ("freshdesk", "", key.clone(), "400 invalid_auth_mode"),
        ("openai", "", key.clone(), "400 integration_not_allowed"),
    ] {
        let answer = ask(&nango, &path(integration), &format!("{query}{extra}"), &body).await;
        assert_eq!(answer, said, "{integration}{extra}");
    }
    let again = json!({ "connection_id": "c", "integration_id": "openai" });
    let (_, again) = call(&nango, Method::POST, "/connect/sessions/reconnect", Some(again)).await;
    let again = format!("connect_session_token={}", again["data"]["token"].as_str().unwrap());
    let elsewhere = json!({ "username": "u", "password": "p" });
    assert_eq!(
        ask(&nango, "/api-auth/basic/freshdesk", &again, &elsewhere).await,
        "400 integration_not_allowed"
    );
    assert_eq!(delete(&nango, "/connections/c?provider_config_key=openai").await, "200");
    assert_eq!(ask(&nango, "/api-auth/api-key/openai", &again, &key).await, "400 invalid_connection");
    import(&nango, "c").await;
    assert_eq!(
        ask(&nango, "/api-auth/api-key/openai", &again, &key).await,
        "400 invalid_connection",
        "another incarnation"
    );
}

#[tokio::test]
async fn params_become_the_config_below_session_defaults() {
    let nango = emulator().await;
    let defaults = json!({ "openai": { "connection_config": { "region": "eu" } } });
    let token = session(&nango, json!({ "tags": {}, "integrations_config_defaults": defaults })).await;
    let query = format!(
        "connect_session_token={token}&params[region]=us&params[zone]=z&params[webhook_url]=http://evil.example\
         &params[a][b]=c&params[list]=1&params[list]=2"
    );
    let url = format!("{}/api-auth/api-key/openai?{query}", nango.local_url());
    let answer = with(http().post(url), &json!({ "apiKey": "k" })).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let path =
        format!("/connections/{}?provider_config_key=openai", answer["connectionId"].as_str().unwrap());
    let (_, made) = call(&nango, Method::GET, &path, None).await;
    assert_eq!(made["connection_config"], json!({ "zone": "z", "region": "eu" }));
    assert_eq!(made["webhook_url_override"], Value::Null);
}

#[tokio::test]
async fn client_credentials_have_their_own_validation() {
    let nango = emulator().await;
    let query = format!("connect_session_token={}", nango.create_session(&[]));
    let path = "/oauth2/auth/openai";
    let both = json!({ "client_id": "i", "client_secret": "s" });
    assert_eq!(ask(&nango, path, &query, &json!({})).await, "400 missing_client_id");
    assert_eq!(ask(&nango, path, &query, &json!({ "client_id": "i" })).await, "400 missing_client_secret");
    assert_eq!(ask(&nango, path, &query, &both).await, "400 invalid_auth_mode");
    assert_eq!(ask(&nango, "/oauth2/auth/none", &query, &both).await, "400 unknown_provider_config");
    // This endpoint also reads forms.
    let form = http().post(format!("{}{path}?{query}", nango.local_url()));
    let form =
        form.header("content-type", "application/x-www-form-urlencoded").body("client_id=i&client_secret=s");
    assert_eq!(say(form).await, "400 invalid_auth_mode");
    let before = format!("{query}&connection_id=mine");
    assert_eq!(ask(&nango, path, &before, &both).await, "400 invalid_query_params custom@connection_id");
    assert_eq!(get(&nango, "/connections?integrationId=openai").await, "200");
}

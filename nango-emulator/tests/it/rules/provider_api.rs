//! The API of a provider, served by a test in place of the emulator's.

use axum::Router;
use axum::routing::any;
use nango_emulator::{Credentials, Emulator, EmulatorError};
use reqwest::Method;
use serde_json::{Value, json};

use super::request;
use crate::support::http as client;

/// Starts an API that answers with what it was asked for. Returns its address, which has a path.
async fn api(name: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2", listener.local_addr().unwrap());
    let answer = async move |request: axum::extract::Request| {
        let path = request.uri().path_and_query().map_or("", |path| path.as_str()).to_owned();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        json!({ "api": name, "path": path, "authorization": authorization }).to_string()
    };
    let app = Router::new().fallback(any(answer));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

async fn call(nango: &Emulator, integration: &str, credentials: Credentials, more: &[(&str, &str)]) -> Value {
    let token = nango.create_session(&[]);
    let id = nango.connect(&token, integration, credentials).await.unwrap().connection_id;
    let headers = [("connection-id", id.as_str()), ("provider-config-key", integration)];
    let asked = request(nango, Method::GET, "/proxy/a%20b?q=1");
    let asked = headers.iter().chain(more).fold(asked, |asked, (name, value)| asked.header(*name, *value));
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn proxied_calls_reach_the_api_of_a_test_with_credentials() {
    let (slack, openai) = (api("slack").await, api("openai").await);
    let nango = Emulator::builder()
        .provider_api("slack", &slack)
        .provider_api("openai", format!("{openai}/"))
        .start()
        .await
        .unwrap();

    let seen = call(&nango, "slack", Credentials::oauth2(), &[]).await;
    assert_eq!((&seen["api"], &seen["path"]), (&json!("slack"), &json!("/v2/a%20b?q=1")));
    let token = seen["authorization"].as_str().unwrap().strip_prefix("Bearer ").unwrap();
    assert!(!token.is_empty());

    let seen = call(&nango, "openai", Credentials::api_key("k"), &[]).await;
    assert_eq!(seen, json!({ "api": "openai", "path": "/v2/a%20b?q=1", "authorization": "Bearer k" }));
    let hubspot = call(&nango, "hubspot", Credentials::oauth2(), &[]).await;
    assert_eq!(hubspot["url"], "/a%20b?q=1", "others are emulated");
    let elsewhere = format!("{openai}/elsewhere");
    let seen = call(&nango, "slack", Credentials::oauth2(), &[("base-url-override", &elsewhere)]).await;
    assert_eq!(seen["path"], "/v2/elsewhere/a%20b?q=1", "an address of the caller's wins");
}

#[tokio::test]
async fn the_configuration_file_names_it_too_and_the_builder_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.json");
    let integration = |id: &str, url: &str| json!({ "unique_key": id, "provider": "slack", "api_url": url });
    let (one, other) = (api("one").await, api("other").await);
    let config = json!({ "integrations": [integration("a", &one), integration("b", &one)] });
    std::fs::write(&file, config.to_string()).unwrap();
    let nango = Emulator::builder().config_file(&file).provider_api("b", &other).start().await.unwrap();
    for (id, expected) in [("a", "one"), ("b", "other")] {
        assert_eq!(call(&nango, id, Credentials::oauth2(), &[]).await["api"], expected);
    }
    let reset = client().post(format!("{}/_emulator/reset", nango.local_url())).send().await.unwrap();
    assert_eq!(reset.status(), 200);
    assert_eq!(call(&nango, "a", Credentials::oauth2(), &[]).await["api"], "one", "also after a reset");
}

#[tokio::test]
async fn one_that_can_never_be_called_is_refused_at_the_start() {
    for (integration, url, words) in [
        ("slak", "http://127.0.0.1:1", r#"the integration "slak" is unknown; add it to the integrations"#),
        ("slack", "127.0.0.1:1", r#""127.0.0.1:1" is not an HTTP(S) URL"#),
    ] {
        match Emulator::builder().provider_api(integration, url).start().await {
            Err(EmulatorError::InvalidSetting { setting: "provider_api", reason }) => {
                assert_eq!(reason, words);
            }
            _ => panic!("{integration} at {url} was not refused"),
        }
    }
}

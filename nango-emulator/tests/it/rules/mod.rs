//! One test per rule of Nango about a single request: refusals, their texts, and the order of
//! checks.

mod accounts;
mod auth;
mod browser_auth;
mod client_credentials;
mod connections;
mod data_plane;
mod environment;
mod forwarded;
mod functions;
mod imports;
mod integrations;
mod legacy_config;
mod list;
mod metadata;
mod nul;
mod origins;
mod provider_api;
mod proxy;
mod proxy_bodies;
mod rate_limit;
mod reconnect;
mod records;
mod session_config;
mod session_expiry;
mod sessions;
mod tags;
mod transport;
mod verification;

use nango_emulator::{Credentials, Emulator};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::support::http as client;

pub(crate) async fn emulator() -> Emulator {
    Emulator::builder().start().await.unwrap()
}

/// Starts an emulator with one integration `acme`, of a provider with this template.
pub(crate) async fn acme(template: Value) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("emulator.json");
    let text = json!({
        "providers": { "acme": template },
        "integrations": [{ "unique_key": "acme", "provider": "acme" }],
    });
    std::fs::write(&config, text.to_string()).unwrap();
    Emulator::builder().config_file(config).start().await.unwrap()
}

/// Starts a provider that answers every request with this status and body. Returns its URL.
pub(crate) async fn provider(status: u16, body: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let status = http::StatusCode::from_u16(status).unwrap();
    let answer = move || async move { (status, [("content-type", "application/json")], body) };
    let app = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// Imports a connection `c` of `openai` with a key.
pub(crate) async fn import(nango: &Emulator, id: &str) {
    let body = json!({
        "provider_config_key": "openai",
        "connection_id": id,
        "credentials": { "type": "API_KEY", "apiKey": "k" },
    });
    assert_eq!(post(nango, "/connections", body).await, "201");
}

/// Creates a session for all integrations and connects `slack` with it.
pub(crate) async fn slack(nango: &Emulator) -> String {
    let token = nango.create_session(&[]);
    nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap().connection_id
}

/// Returns status, code and issues in one line: `400 invalid_body too_small@end_user.id`.
pub(crate) async fn say(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16().to_string();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
    let error = &body["error"];
    let mut said = vec![status];
    said.extend(error["code"].as_str().map(str::to_owned));
    for issue in error["errors"].as_array().into_iter().flatten() {
        let path: Vec<_> = issue["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        said.push(format!("{}@{}", issue["code"].as_str().unwrap(), path.join(".")));
    }
    said.join(" ")
}

pub(crate) fn request(nango: &Emulator, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", nango.local_url());
    client().request(method, url).header("authorization", format!("Bearer {}", nango.secret_key()))
}

pub(crate) fn with(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

pub(crate) async fn get(nango: &Emulator, path: &str) -> String {
    say(request(nango, Method::GET, path)).await
}

pub(crate) async fn post(nango: &Emulator, path: &str, body: Value) -> String {
    say(with(request(nango, Method::POST, path), &body)).await
}

pub(crate) async fn patch(nango: &Emulator, path: &str, body: Value) -> String {
    say(with(request(nango, Method::PATCH, path), &body)).await
}

pub(crate) async fn delete(nango: &Emulator, path: &str) -> String {
    say(request(nango, Method::DELETE, path)).await
}

/// Calls `POST /connect/sessions`.
pub(crate) async fn create(body: Value) -> String {
    post(&emulator().await, "/connect/sessions", body).await
}

/// Returns `count` tags.
pub(crate) fn many(count: usize) -> Map<String, Value> {
    (0..count).map(|n| (format!("k{n}"), json!("v"))).collect()
}

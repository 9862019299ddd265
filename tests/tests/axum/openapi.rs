//! The OpenAPI document describes every reply of the routes.

use std::collections::BTreeSet;

use nango_core::routes::{self, Route};
use nango_tests::{App, Reply, sign};
use reqwest::Method;
use serde_json::{Value, json};

/// Follows references to the schema of a value.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// The properties that replies have only sometimes.
const OPTIONAL: &[&str] = &["attempt", "handle", "handles"];

fn assert_fits(document: &Value, schema: &Value, value: &Value) {
    let schema = resolve(document, schema);
    match value {
        Value::Array(items) => items.iter().for_each(|item| assert_fits(document, &schema["items"], item)),
        Value::Object(fields) => {
            let described = schema["properties"].as_object().unwrap();
            for name in fields.keys() {
                assert!(described.contains_key(name), "{name} is not described");
            }
            for name in schema["required"].as_array().unwrap() {
                assert!(fields.contains_key(name.as_str().unwrap()), "{name} is required");
            }
            let optional = described.keys().filter(|name| !fields.contains_key(*name));
            assert!(optional.into_iter().all(|name| OPTIONAL.contains(&name.as_str())), "{described:?}");
            fields.iter().for_each(|(name, value)| assert_fits(document, &described[name], value));
        }
        Value::String(text) => {
            assert!(schema["type"] == "string" || schema["type"] == json!(["string", "null"]), "{schema}");
            assert!(schema["enum"].as_array().is_none_or(|all| all.contains(&json!(text))), "{text}");
        }
        Value::Null => assert_eq!(schema["type"], json!(["string", "null"])),
        _ => assert_eq!(schema["type"], "boolean"),
    }
}

/// Asserts that the document describes a reply.
fn assert_described(document: &Value, route: Route, reply: &Reply) {
    let method = route.method().as_str().to_lowercase();
    let operation = &document["paths"][format!("/nango{}", route.path())][method];
    let described = &operation["responses"][reply.status.to_string()];
    assert!(described.is_object(), "{route:?} answered {}, which is not described", reply.status);
    let content = &described["content"]["application/json"]["schema"];
    if reply.body.is_empty() {
        assert!(content.is_null(), "{route:?} {}: a body is described", reply.status);
        return;
    }
    assert_fits(document, content, &reply.json());
    let code = reply.json()["error"]["code"].as_str().map(str::to_owned);
    if let Some(code) = code {
        let said = described["description"].as_str().unwrap();
        assert!(said.contains(&format!("`{code}`")), "{route:?} {}: {code} is not in {said:?}", reply.status);
    }
}

#[tokio::test]
async fn every_reply_is_documented() {
    let app = App::configured(|builder| builder.webhook_limit(1_000).track_attempts()).await;
    let document: Value = serde_json::from_str(&routes::openapi("/nango/")).unwrap();
    assert_eq!(document["paths"].as_object().unwrap().len(), Route::ALL.len());

    let handle = app.connect("alice", "sk-test").await.handle();
    let begun = app.browser("alice").post("/nango/session-token", "").await;
    assert_described(&document, Route::SessionToken, &begun);
    let (begun, attempt) = (begun.json(), begun.json()["attempt"].as_str().unwrap().to_owned());
    for state in ["pending", "connected"] {
        let reply = app.browser("alice").get(&format!("/nango/attempts/{attempt}")).await;
        assert_eq!(reply.json()["state"], state);
        assert_described(&document, Route::Attempt, &reply);
        let (token, key) =
            (begun["sessionToken"].as_str().unwrap(), nango_emulator::Credentials::api_key("sk-3"));
        app.emulator.connect(token, "openai", key).await.unwrap();
        app.settled().await;
    }
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "openai", nango_emulator::Credentials::api_key("sk-2")).await.unwrap();
    app.settled().await;
    let alice = app.browser("alice");
    let (long, signed) = ("x".repeat(70_000), sign(&app.emulator.signing_key(), "{}"));
    let at = |end: &str| format!("/nango/connections/{handle}{end}");
    let none = "/nango/connections/AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let by_handle = json!({"handle": handle}).to_string();
    let requests: Vec<(Route, String, &str)> = vec![
        (Route::SessionToken, "/nango/session-token".into(), ""),
        (Route::SessionToken, "/nango/session-token".into(), "["),
        (Route::SessionToken, "/nango/session-token".into(), r#"{"integrations":["nope"]}"#),
        (Route::SessionToken, "/nango/session-token".into(), &long),
        (Route::ReconnectToken, "/nango/reconnect-token".into(), &by_handle),
        (Route::ReconnectToken, "/nango/reconnect-token".into(), ""),
        (Route::ReconnectToken, "/nango/reconnect-token".into(), r#"{"integration":"slack"}"#),
        (Route::ReconnectToken, "/nango/reconnect-token".into(), r#"{"integration":"openai"}"#),
        (Route::Attempt, "/nango/attempts/a".into(), ""),
        (Route::Attempt, "/nango/attempts/a?wait=soon".into(), ""),
        (Route::Connections, "/nango/connections".into(), ""),
        (Route::Connections, "/nango/connections?sync=true".into(), ""),
        (Route::Check, format!("{none}/check"), ""),
        (Route::Check, at("/check"), ""),
        (Route::Disconnect, none, ""),
        (Route::Disconnect, at(""), ""),
        (Route::Callback, "/nango/oauth-callback?code=x".into(), ""),
        (Route::Callback, format!("/nango/oauth-callback?{}", "x".repeat(17_000)), ""),
        (Route::Webhook, "/nango/webhook".into(), "{}"),
        (Route::Webhook, "/nango/webhook".into(), "{ }"),
        (Route::Webhook, "/nango/webhook".into(), &long),
    ];
    let mut statuses = BTreeSet::new();
    for (route, path, body) in &requests {
        let method = Method::from_bytes(route.method().as_str().as_bytes()).unwrap();
        let request =
            alice.request(method, path).header("x-nango-hmac-sha256", &signed).body((*body).to_owned());
        let reply = alice.send(request).await;
        assert_described(&document, *route, &reply);
        statuses.insert(reply.status);
    }
    for &route in Route::ALL {
        let path = format!("/nango{}", route.path().replace("{handle}", &handle).replace("{attempt}", "a"));
        let reply = alice.send(alice.request(Method::PUT, &path)).await;
        assert_described(&document, route, &reply);
        statuses.insert(reply.status);
    }
    let foreign = alice.request(Method::POST, "/nango/session-token").header("sec-fetch-site", "cross-site");
    assert_described(&document, Route::SessionToken, &alice.send(foreign).await);
    for _ in 0..20 {
        let reply = alice.post("/nango/session-token", "").await;
        assert_described(&document, Route::SessionToken, &reply);
        statuses.insert(reply.status);
    }
    let reached: Vec<_> = statuses.into_iter().collect();
    assert_eq!(reached, [200, 204, 308, 400, 401, 404, 405, 409, 413, 414, 429]);
}

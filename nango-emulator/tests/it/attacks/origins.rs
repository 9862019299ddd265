use nango_emulator::{DEV_READ_KEY, DEV_SESSIONS_KEY, Emulator};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{API_KEY, ask, emulator};
use crate::support::{call, http};

const FOREIGN: [&str; 5] = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://evil.example:3003",
    "http://192.168.0.7:3003",
    "null",
];
const OWN_KEY: &str = "5a8c1f0e-7c1b-4f0e-9d59-2f6b8a3c4d5e";

async fn assert_unreadable(answer: Response, what: &str) {
    assert_eq!(answer.status(), 403, "{what}");
    assert!(!answer.headers().contains_key("access-control-allow-origin"), "{what}");
    let text = answer.text().await.unwrap();
    assert!(text.contains("cross_origin") && !text.contains(API_KEY), "{what}: {text}");
}

/// Calls that an API key authenticates; those that reply with credentials come first.
fn calls_with_a_key(id: &str) -> Vec<(Method, String, Option<Value>)> {
    let import = json!({
        "provider_config_key": "openai",
        "connection_id": "planted",
        "credentials": { "type": "API_KEY", "apiKey": "k" },
    });
    vec![
        (Method::GET, format!("/connections/{id}?provider_config_key=openai"), None),
        (Method::GET, format!("/connection/{id}?provider_config_key=openai"), None),
        (Method::POST, "/connections".into(), Some(import)),
        (Method::GET, "/integrations/slack?include=credentials".into(), None),
        (Method::GET, "/environment-variables".into(), None),
        (Method::POST, "/environment/webhook-signing-key/rotate".into(), None),
        (Method::GET, "/proxy/v1/models".into(), None),
        (Method::POST, "/proxy/v1/files".into(), Some(json!({}))),
        (Method::GET, "/connections".into(), None),
        (Method::POST, "/connect/sessions".into(), Some(json!({ "tags": {} }))),
        (Method::GET, "/integrations".into(), None),
        (Method::GET, "/providers".into(), None),
        (Method::DELETE, "/integrations/openai".into(), None),
        (Method::POST, "/action/trigger".into(), Some(json!({}))),
        (Method::GET, "/records".into(), None),
        (Method::DELETE, format!("/connections/{id}?provider_config_key=openai"), None),
    ]
}

const WITH_CREDENTIALS: usize = 8;

fn send_all<'a>(
    nango: &'a Emulator,
    calls: &'a [(Method, String, Option<Value>)],
    key: &'a str,
    id: &'a str,
) -> impl Iterator<Item = (&'a str, RequestBuilder)> {
    calls.iter().map(move |(method, path, body)| {
        let request = ask(nango, method, path, key);
        let request = request.header("connection-id", id).header("provider-config-key", "openai");
        let request = body.iter().fold(request, |request, body| {
            request.header("content-type", "application/json").body(body.to_string())
        });
        (path.as_str(), request)
    })
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_published_key() {
    let (nango, id) = emulator(None).await;
    let signing_key = nango.signing_key();
    let calls = calls_with_a_key(&id);
    for origin in FOREIGN {
        for (path, request) in send_all(&nango, &calls, nango.secret_key(), &id) {
            assert_unreadable(request.header("origin", origin).send().await.unwrap(), path).await;
        }
    }
    let (_, list) = call(&nango, Method::GET, "/connections", None).await;
    assert_eq!(list["connections"].as_array().unwrap().len(), 1, "nothing was imported or deleted");
    assert_eq!(nango.signing_key(), signing_key);
}

/// A further key changes nothing: the page can always try the published one.
#[tokio::test]
async fn a_foreign_page_gets_no_reply_beside_the_published_key() {
    let nango = Emulator::builder().api_key(OWN_KEY, ["environment:*"]).start().await.unwrap();
    for key in [OWN_KEY, "unknown"] {
        let request = ask(&nango, &Method::GET, "/connections", key).header("origin", FOREIGN[0]);
        assert_unreadable(request.send().await.unwrap(), key).await;
    }
    let request = ask(&nango, &Method::GET, "/connections", OWN_KEY);
    assert_eq!(request.send().await.unwrap().status(), 200, "a server may");
}

#[tokio::test]
async fn the_published_keys_of_few_scopes_are_of_no_use_beside_a_key_of_ones_own() {
    let (nango, _) = emulator(Some(OWN_KEY)).await;
    for (key, method, path) in
        [(DEV_READ_KEY, Method::GET, "/connections"), (DEV_SESSIONS_KEY, Method::POST, "/connect/sessions")]
    {
        let request = ask(&nango, &method, path, key).header("origin", FOREIGN[0]);
        assert_unreadable(request.send().await.unwrap(), path).await;
    }
    let read = ask(&nango, &Method::GET, "/connections", DEV_READ_KEY);
    assert_eq!(read.send().await.unwrap().status(), 200, "a server may");
}

#[tokio::test]
async fn no_key_gives_credentials_to_a_foreign_page() {
    let (nango, id) = emulator(Some(OWN_KEY)).await;
    let signing_key = nango.signing_key();
    let calls = calls_with_a_key(&id);
    for (path, request) in send_all(&nango, &calls[..WITH_CREDENTIALS], OWN_KEY, &id) {
        assert_unreadable(request.header("origin", FOREIGN[0]).send().await.unwrap(), path).await;
    }
    assert_eq!(nango.signing_key(), signing_key);
    // All else is as with Nango.
    let list = ask(&nango, &Method::GET, "/connections", OWN_KEY).header("origin", FOREIGN[0]);
    let list = list.send().await.unwrap();
    assert_eq!(list.headers()["access-control-allow-origin"], "*");
    let list = list.text().await.unwrap();
    assert!(list.contains(&id) && !list.contains(API_KEY), "{list}");
}

#[tokio::test]
async fn pages_of_this_machine_and_of_allowed_hosts_use_the_api() {
    let nango = Emulator::builder().allow_host("app.internal").start().await.unwrap();
    for origin in ["http://localhost:5173", "http://127.0.0.1:3000", "http://app.internal"] {
        let list = ask(&nango, &Method::GET, "/connections", nango.secret_key()).header("origin", origin);
        let list = list.send().await.unwrap();
        assert_eq!(
            (list.status().as_u16(), &list.headers()["access-control-allow-origin"]),
            (200, &"*".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn a_session_token_works_on_every_page() {
    let (nango, _) = emulator(None).await;
    for origin in ["http://localhost:3000", "https://app.example"] {
        let token = nango.create_session(&[]);
        for path in ["/connect/session", "/integrations", "/providers/openai"] {
            let shown =
                ask(&nango, &Method::GET, path, &token).header("origin", origin).send().await.unwrap();
            assert_eq!(shown.status(), 200, "{path}");
            assert_eq!(shown.headers()["access-control-allow-origin"], "*");
        }
        let url = format!("{}/api-auth/api-key/openai?connect_session_token={token}", nango.local_url());
        let made = http().post(url).header("content-type", "application/json").header("origin", origin);
        let made = made.body(json!({ "apiKey": API_KEY }).to_string()).send().await.unwrap();
        assert_eq!(made.status(), 200);
        assert!(!made.text().await.unwrap().contains(API_KEY));
    }
}

#[tokio::test]
async fn no_other_origin_controls_the_emulator_or_plays_a_provider() {
    let (nango, _) = emulator(Some(OWN_KEY)).await;
    let signing_key = nango.signing_key();
    let near = ["http://localhost:5173", "http://127.0.0.1:1"];
    for origin in FOREIGN.into_iter().chain(near) {
        for (method, path) in [
            (Method::GET, "/_emulator/deliveries"),
            (Method::GET, "/_emulator/calls"),
            (Method::POST, "/_emulator/signing-key"),
            (Method::POST, "/_emulator/api-keys"),
            (Method::POST, "/_emulator/connect"),
            (Method::POST, "/_emulator/deny"),
            (Method::POST, "/_emulator/reset"),
            (Method::POST, "/_emulator/provider/slack/token"),
            (Method::POST, "/_emulator/provider/slack/decision"),
            (Method::GET, "/_emulator/provider/openai/api/x"),
        ] {
            let request = ask(&nango, &method, path, OWN_KEY).header("origin", origin);
            assert_unreadable(request.send().await.unwrap(), path).await;
        }
    }
    let webhook = "/webhook/d0c5ec2e-0000-4000-8000-00000000e001/openai";
    let webhook = ask(&nango, &Method::POST, webhook, "").header("origin", FOREIGN[0]).body("{}");
    assert_unreadable(webhook.send().await.unwrap(), "the forged webhook of a provider").await;
    assert_eq!(nango.signing_key(), signing_key);
    let own = ask(&nango, &Method::GET, "/_emulator/deliveries", "").header("origin", nango.local_url());
    assert_eq!(own.send().await.unwrap().status(), 200);
}

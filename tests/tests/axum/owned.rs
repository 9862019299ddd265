//! Calls of the app's own code on a connection: the provider's API and the token.

use nango_core::nango_client;
use nango_core::{ErrorKind, Timestamp};
use nango_emulator::Credentials;
use nango_tests::{App, User};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_proxy_calls_the_provider_with_the_owners_credentials() {
    let app = App::start().await;
    let user = User::named("alice").unwrap();
    app.connect("alice", "sk-of-alice").await;
    app.connect("bob", "sk-of-bob").await;

    let reply = app
        .nango
        .connection(&user, "openai")
        .await
        .unwrap()
        .proxy()
        .post("/v1/chat completions/%2F")
        .query("limit", 20)
        .query("q", "a&b=c ü")
        .header("X-Trace", "t-1")
        .json(&json!({"text": "hi"}))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.headers().get("content-type").is_some());
    let echo: Value = reply.json().unwrap();
    assert_eq!(echo["method"], "POST", "{echo:#}");
    assert_eq!(echo["headers"]["authorization"], app.emulator.masked("Bearer sk-of-alice"), "{echo:#}");
    assert_eq!(echo["headers"]["x-trace"], "t-1");
    assert_eq!(echo["url"], "/v1/chat%20completions/%2F?limit=20&q=a%26b%3Dc+%C3%BC");
    assert_eq!(echo["body"], r#"{"text":"hi"}"#);
    assert!(echo["headers"]["connection-id"].is_null());
    assert_eq!(reply.json::<Vec<u8>>().unwrap_err().kind(), nango_client::ErrorKind::Decode);
}

#[tokio::test]
async fn no_path_or_header_escapes_the_proxy() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let proxy = connection.proxy();
    for path in
        ["/../connections", "/a/%2e%2E/../connections", "/..\\connections", "https://evil.example/", "/a?b#c"]
    {
        let error = proxy.request(Method::DELETE, path).send().await.unwrap_err();
        assert_eq!(error.kind(), nango_client::ErrorKind::InvalidRequest, "{path}");
    }
    for (name, value) in [("a b", "c"), ("", "\n"), ("x", "\r\nprovider-config-key: slack")] {
        let error = proxy.get("/").header(name, value).send().await.unwrap_err();
        assert_eq!(error.kind(), nango_client::ErrorKind::InvalidRequest, "{name}");
    }
    // These headers name another connection. They reach the provider under a name that Nango
    // ignores.
    let other = proxy.get("/me").header("connection-id", "other").header("provider-config-key", "slack");
    let echo: Value = other.send().await.unwrap().json().unwrap();
    assert_eq!(echo["headers"]["authorization"], app.emulator.masked("Bearer sk-test"), "{echo:#}");
    assert_eq!(connection.check().await.unwrap().health().as_str(), "healthy");
}

#[tokio::test]
async fn a_deleted_connection_is_not_found() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    connection.metadata().set(&json!({})).await.unwrap();
    app.nango.unscoped_client().delete_connection(connection.key()).await.unwrap();
    let errors = [
        connection.proxy().get("/me").send().await.map(drop).unwrap_err().into(),
        connection.token().await.map(drop).unwrap_err(),
        connection.metadata().get::<Value>().await.map(drop).unwrap_err(),
        connection.metadata().set(&json!({})).await.unwrap_err(),
        connection.metadata().update(&json!({})).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    }
}

#[tokio::test]
async fn a_stale_handle_disconnects_no_recreated_connection() {
    let app = App::start().await;
    let old = app.connect("alice", "sk-test").await;
    let client = app.nango.unscoped_client();
    client.delete_connection(old.key()).await.unwrap();
    let tags = [("end_user_id", "bob"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 1, old.key().connection_id(), &tags).unwrap();
    let _ = app.nango.sweep().run().await.unwrap();
    old.disconnect().await.unwrap();
    assert!(client.connection(old.key()).await.is_ok(), "bob's is still there");
    let bob = User::named("bob").unwrap();
    assert_eq!(app.nango.connection(&bob, "openai").await.unwrap().key(), old.key());
    assert!(app.browser("alice").connections("/nango").await.is_empty());
}

#[tokio::test]
async fn the_token_is_the_providers() {
    let app = App::start().await;
    let key = app.connect("alice", "sk-test").await.token().await.unwrap();
    assert_eq!((key.expose(), key.expires_at()), ("sk-test", None));
    assert_eq!(format!("{key:?}"), "Token { expires_at: None, .. }");

    let user = User::named("alice").unwrap();
    for (integration, credentials) in [
        ("slack", Credentials::oauth2()),
        ("freshdesk", Credentials::basic("alice", "secret").param("subdomain", "acme")),
    ] {
        let token = app.browser("alice").session_token("").await;
        app.emulator.connect(&token, integration, credentials).await.unwrap();
        app.settled().await;
        let connection = app.nango.connection(&user, integration).await.unwrap();
        let found = connection.token().await;
        if integration == "slack" {
            let token = found.unwrap();
            assert!(!token.expose().is_empty());
            assert!(token.expires_at().is_none_or(|at| at > Timestamp::now()));
            let echo: Value = connection.proxy().get("/me").send().await.unwrap().json().unwrap();
            let sent = app.emulator.masked(&format!("Bearer {}", token.expose()));
            assert_eq!(echo["headers"]["authorization"], sent);
        } else {
            assert_eq!(found.unwrap_err().kind(), ErrorKind::NotATokenCredential);
        }
    }
}

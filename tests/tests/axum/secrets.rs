//! Secrets stay on the server.

use nango_emulator::Credentials;
use nango_tests::{App, Log, sign};
use serde_json::json;

#[tokio::test]
async fn no_reply_log_line_or_debug_output_contains_a_secret() {
    let log = Log::of_this_process();
    let app = App::start().await;
    let (alice, bob) = (app.browser("alice"), app.browser("bob"));
    let mut replies = Vec::new();

    let connection = app.connect("alice", "sk-credential-1").await;
    let token = alice.session_token("").await;
    let slack = app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    app.settled().await;
    app.emulator.revoke("slack", &slack.connection_id).await.unwrap();
    app.settled().await;

    let handle = connection.handle();
    let by_handle = json!({"handle": handle}).to_string();
    let ids = [connection.key().connection_id().to_owned(), slack.connection_id.clone()];
    let called = connection.proxy().post("/chat").query("x", 1).header("x-trace", "t").json(&json!({}));
    let called = format!("{called:?} {:?}", called.clone().send().await);
    let given = format!("{:?} {:?}", connection.token().await, connection.metadata());
    connection.metadata().set(&json!({"plan": "pro"})).await.unwrap();
    let forged = json!({"type": "auth", "connectionId": ids[0], "providerConfigKey": "openai"}).to_string();
    for (browser, body) in [(&alice, ""), (&bob, "{"), (&bob, r#"{"integrations":["nope"]}"#)] {
        let reply = browser.post("/nango/session-token", body).await;
        replies.push(if reply.status == 200 { String::new() } else { reply.body });
    }
    for browser in [&alice, &bob] {
        replies.push(browser.get("/nango/connections").await.body);
        replies.push(browser.get("/nango/connections?sync=true").await.body);
        replies.push(browser.post(&format!("/nango/connections/{handle}/check"), "").await.body);
        replies.push(browser.post(&format!("/nango/connections/{}/check", ids[0]), "").await.body);
        let reconnect = browser.post("/nango/reconnect-token", &by_handle).await;
        replies.push(if reconnect.status == 200 { String::new() } else { reconnect.body });
    }
    replies.push(alice.deliver(&forged, &sign("wrong", &forged)).await.body);
    replies.push(alice.deliver(&forged, &sign(&app.emulator.signing_key(), &forged)).await.body);
    let mistyped = json!({
        "type": "auth", "from": "nango", "connectionId": ids[0], "providerConfigKey": "openai", "success": "no",
        "operation": "alice@acme.example", "tags": {"end_user_email": "alice@acme.example"},
    })
    .to_string();
    replies.push(alice.deliver(&mistyped, &sign(&app.emulator.signing_key(), &mistyped)).await.body);
    replies.push(alice.delete(&format!("/nango/connections/{handle}")).await.body);
    replies.push(alice.delete(&format!("/nango/connections/{handle}")).await.body);

    let debug = format!(
        "{called} {given} {app:?} {connection:?} {:?} {:?}",
        connection.key(),
        app.nango.unscoped_client()
    );
    let row = nango_core::ConnectionStore::page(&app.store, None, 10).await.unwrap();
    let debug = format!("{debug} {row:?} {:?}", app.nango.unscoped_client().connection(&row[0].key).await);

    let secrets = [
        ("an API key", app.emulator.secret_key().to_owned()),
        ("a signing key", app.emulator.signing_key()),
        ("a connection id", ids[0].clone()),
        ("a connection id", ids[1].clone()),
        ("a credential", "sk-credential-1".to_owned()),
        ("a session token", token),
        ("an e-mail address", "alice@acme.example".to_owned()),
        ("a field without an attribute", "alice-password".to_owned()),
    ];
    let logged = log.text();
    assert!(logged.contains("TRACE"), "the log has every level");
    for (what, secret) in secrets {
        assert!(!replies.concat().contains(&secret), "{what} in a reply");
        assert!(!debug.contains(&secret), "{what} in a Debug output: {debug}");
        let line = logged.lines().find(|line| line.contains(&secret)).unwrap_or_default();
        assert!(line.is_empty(), "{what} in the log: {line}");
    }
}

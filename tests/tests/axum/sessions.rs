//! Session tokens for the browser.

use nango_core::{ErrorKind, Tags, Timestamp};
use nango_emulator::Credentials;
use nango_tests::{App, User, call_nango, http, send};
use reqwest::Method;

#[tokio::test]
async fn a_session_token_needs_a_login() {
    let app = App::start().await;
    assert_eq!(app.stranger().post("/nango/session-token", "{}").await.status, 401);
    for body in ["", "{}", " \n", r#"{"integrations":["slack"]}"#] {
        let reply = app.browser("alice").post("/nango/session-token", body).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.body);
        assert_eq!(reply.header("cache-control"), "no-store");
        let reply = reply.json();
        // Neither a link, nor an attempt while none are tracked.
        assert_eq!(reply.as_object().unwrap().len(), 3);
        assert_eq!(reply["apiUrl"], app.emulator.local_url());
        assert!(reply["sessionToken"].as_str().unwrap().starts_with("nango_connect_session_"));
        assert!(reply["expiresAt"].as_str().unwrap().parse::<Timestamp>().is_ok());
    }
}

#[tokio::test]
async fn a_session_always_has_an_allow_list() {
    let app = App::start().await;
    let alice = app.browser("alice");
    let allowed = async |body| {
        let token = alice.session_token(body).await;
        let session = http().get(format!("{}/connect/session", app.emulator.local_url()));
        let session = send(session.bearer_auth(token)).await.unwrap().json();
        session["data"]["allowed_integrations"].clone()
    };
    assert_eq!(allowed("{}").await, serde_json::json!(["slack", "openai", "freshdesk"]));
    assert_eq!(allowed(r#"{"integrations":["openai"]}"#).await, serde_json::json!(["openai"]));
}

#[tokio::test]
async fn an_invalid_body_is_answered_with_its_error_code() {
    let app = App::start().await;
    let alice = app.browser("alice");
    for (body, code) in [
        (r#"{"integrations":["nope"]}"#, "integration_not_allowed"),
        (r#"{"integrations":["slack","hubspot"]}"#, "integration_not_allowed"),
        (r#"{"integrations":[]}"#, "integration_not_allowed"),
        (r#"{"integration":"slack"}"#, "invalid_body"),
        (r#"{"integrations":"slack"}"#, "invalid_body"),
        ("{", "invalid_body"),
        ("[]", "invalid_body"),
    ] {
        let reply = alice.post("/nango/session-token", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{body}");
    }
    let long = format!(r#"{{"integrations":["{}"]}}"#, "x".repeat(70_000));
    assert_eq!(alice.post("/nango/session-token", &long).await.status, 413);
}

#[tokio::test]
async fn other_methods_and_other_origins_are_refused_before_login() {
    let app = App::start().await;
    for (method, path, allow) in [
        (Method::GET, "/nango/session-token", "POST"),
        (Method::HEAD, "/nango/connections", "GET"),
        (Method::POST, "/nango/connections/abc", "DELETE"),
        (Method::DELETE, "/nango/connections/abc/check", "POST"),
        (Method::GET, "/nango/webhook", "POST"),
        (Method::HEAD, "/nango/oauth-callback", "GET"),
    ] {
        let reply = app.stranger().send(app.stranger().request(method.clone(), path)).await;
        assert_eq!((reply.status, reply.header("allow")), (405, allow), "{method} {path}");
    }
    let alice = app.browser("alice");
    for (method, path) in [
        (Method::POST, "/nango/session-token"),
        (Method::POST, "/nango/reconnect-token"),
        (Method::GET, "/nango/connections?sync=true"),
        (Method::POST, "/nango/connections/abc/check"),
        (Method::DELETE, "/nango/connections/abc"),
    ] {
        let foreign = alice.request(method, path).header("sec-fetch-site", "cross-site");
        let reply = alice.send(foreign).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "cross_origin"), "{path}");
    }
    let foreign = alice.request(Method::GET, "/nango/connections").header("sec-fetch-site", "cross-site");
    assert_eq!(alice.send(foreign).await.status, 200, "the browser guards reads");
}

#[tokio::test]
async fn sessions_have_a_rate_limit_per_owner() {
    let app = App::start().await;
    let alice = app.browser("alice");
    for _ in 0..20 {
        alice.session_token("").await;
    }
    let reply = alice.post("/nango/session-token", "").await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_requests"));
    assert!((1..=2).contains(&reply.header("retry-after").parse::<u64>().unwrap()));
    app.browser("bob").session_token("").await;
}

#[tokio::test]
async fn a_new_connection_is_listed_and_tagged_with_mapped_fields_only() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    let list = app.browser("alice").connections("/nango").await;
    let item = list[0].as_object().unwrap();
    let mut keys: Vec<_> = item.keys().map(String::as_str).collect();
    let mut expected = ["handle", "integration", "provider", "label", "health", "healthSince", "createdAt"];
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!((item["integration"].as_str(), item["health"].as_str()), (Some("openai"), Some("healthy")));

    let delivery = &app.emulator.deliveries()[0];
    let tags = serde_json::from_str::<serde_json::Value>(&delivery.body).unwrap()["tags"].clone();
    assert_eq!(
        tags,
        serde_json::json!({
            "end_user_email": "alice@acme.example",
            "end_user_id": "alice",
            "organization_id": "acme",
            "owner_kind": "user",
        })
    );
}

#[tokio::test]
async fn an_address_that_nango_refuses_keeps_no_user_from_connecting() {
    let app = App::start().await;
    let connection = app.connect("soren", "sk-test").await;
    let tags = |delivery: usize| {
        let body: serde_json::Value =
            serde_json::from_str(&app.emulator.deliveries()[delivery].body).unwrap();
        body["tags"].clone()
    };
    let expected = serde_json::json!({
        "end_user_id": "soren",
        "organization_id": "acme",
        "owner_kind": "user",
    });
    assert_eq!(tags(0), expected);
    let session = connection.reconnect().await.unwrap();
    app.emulator.connect(session.token.expose(), "openai", Credentials::api_key("sk-2")).await.unwrap();
    app.settled().await;
    assert_eq!(tags(1), expected, "the reconnect says the same");
}

#[tokio::test]
async fn a_tag_that_is_part_of_an_owner_is_never_left_out() {
    let app = App::start().await;
    let mut user = User::named("alice").unwrap();
    // Without it the connection would be of no organisation, which is a kind of this app.
    user.organization = String::new();
    let error = app.nango.connect_session(&user).create().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (
            ErrorKind::Tags,
            "the owner cannot be written as tags: the value of tag \"organization_id\" is empty; leave the tag out instead"
        )
    );
    let mut user = User::named("alice").unwrap();
    user.id = "a".repeat(256);
    let error = app.nango.connect_session(&user).create().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tags);
}

/// Judges addresses as Nango does: a session with one that is refused fails as a whole.
#[tokio::test]
async fn the_rule_for_addresses_is_the_emulators() {
    let app = App::start().await;
    let parts = ["a", "B.c", "x+y", "o'", "'o", ".d", "d.", "e..f", "ø", "o&m", "_-", ""];
    let domains =
        ["b.co", "-b.co", "b-.co", "b.c", "b.c1", "b..co", "B.CO", "x.y.example", "exämple.com", "b", ""];
    let mut accepted = 0;
    for address in
        parts.iter().flat_map(|local| domains.iter().map(move |domain| format!("{local}@{domain}")))
    {
        let ours = Tags::new().insert("end_user_email", &*address);
        let body = serde_json::json!({"tags": {"end_user_email": address}});
        let theirs = call_nango(&app.emulator, Method::POST, "/connect/sessions", Some(&body)).await;
        assert_eq!(ours.is_ok(), theirs.status == 201, "{address}: {}", theirs.body);
        accepted += usize::from(ours.is_ok());
    }
    assert_eq!(accepted, 5 * 4);
}

#[tokio::test]
async fn a_connection_of_an_organisation_belongs_to_no_user() {
    let app = App::start().await;
    let reply = app.browser("alice").post("/org/nango/session-token", "").await;
    let token = reply.json()["sessionToken"].as_str().unwrap().to_owned();
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    app.settled().await;
    assert_eq!(app.browser("alice").connections("/org/nango").await.len(), 1);
    assert_eq!(app.browser("bob").connections("/org/nango").await.len(), 1);
    assert!(app.browser("carol").connections("/org/nango").await.is_empty());
    assert!(app.browser("alice").connections("/nango").await.is_empty());
    let sync = app.browser("alice").get("/nango/connections?sync=true").await;
    assert_eq!(sync.json(), serde_json::json!([]));
}

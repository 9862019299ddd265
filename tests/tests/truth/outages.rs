//! While Nango is unavailable nothing wrong is written; afterwards nothing is lost.

use std::time::Duration;

use nango_core::testing::store::{insert, live};
use nango_core::{
    BoxError, ConnectionChanged, ConnectionKey, ErrorKind, Health, Nango, Owner, Record, SigningKeys,
    WebhookHandler, async_trait,
};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, User, eventually};

/// Returns every way in which a look can fail.
fn outages() -> Vec<(&'static str, CallFaults)> {
    vec![
        ("an error", CallFaults::status("/connections*", 500, 10)),
        ("too many requests", CallFaults::status("/connections*", 429, 10)),
        ("a wrong key", CallFaults::status("/connections*", 401, 10)),
        ("a gateway", CallFaults::status("/connections*", 502, 10)),
        // The client sends some calls once more.
        ("a broken line", CallFaults::hang_up("/connections*", 20)),
    ]
}

fn alice() -> User {
    User::named("alice").unwrap()
}

#[tokio::test]
async fn a_delivery_during_an_outage_leaves_a_mark_and_is_acknowledged() {
    for (what, fault) in outages() {
        let app = App::start().await;
        let token = app.browser("alice").session_token("").await;
        app.emulator.fail_calls(fault);
        app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        app.settled().await;
        assert_eq!(app.answers(0), [Some(200)], "{what}");
        let rows = app.store.page(None, 10).await.unwrap();
        assert_eq!(rows.len(), 1, "{what}");
        assert!(rows[0].look_again_at.is_some() && rows[0].owner.is_none(), "{what}: only a mark");
        assert!(app.browser("alice").connections("/nango").await.is_empty(), "{what}");

        app.emulator.clear_faults();
        // Nango may have asked for a pause of a second.
        let is_looked_at = async || app.nango.drain().await.unwrap().looked == 1;
        eventually(Duration::from_secs(5), what, is_looked_at).await;
        assert_eq!(app.browser("alice").connections("/nango").await.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn an_outage_changes_no_connection() {
    for (what, fault) in outages() {
        let app = App::start().await;
        let connection = app.connect("alice", "sk-test").await;
        app.emulator.fail_calls(fault);
        let error = connection.check().await.unwrap_err();
        assert_ne!(error.kind(), ErrorKind::NotFound, "{what}");
        let handle = connection.handle();
        let reply = app.browser("alice").post(&format!("/nango/connections/{handle}/check"), "").await;
        if what == "too many requests" {
            // While Nango asks for a pause, the stored state is the reply.
            assert_eq!((reply.status, reply.json()["health"].as_str()), (200, Some("healthy")));
        } else {
            assert!([502, 503].contains(&reply.status), "{what}: {}", reply.status);
        }
        let list = app.browser("alice").get("/nango/connections?sync=true").await.json();
        assert_eq!(list[0]["health"], "healthy", "{what}: the stored list");
        assert!(app.nango.sweep().run().await.is_err() || what == "an error", "{what}");
        let still = app.nango.connection(&alice(), "openai").await.unwrap();
        assert_eq!(still.health(), Health::Healthy, "{what}");
    }
}

#[tokio::test]
async fn a_delivery_is_acknowledged_in_time_while_nango_hangs() {
    let app = App::start().await;
    let token = app.browser("alice").session_token("").await;
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_secs(30), 1));
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    let begun = std::time::Instant::now();
    app.settled().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(app.answers(0), [Some(200)]);
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

#[tokio::test]
async fn a_wrong_key_removes_nothing() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
    let wrong = Nango::builder("00000000-0000-4000-8000-000000000000", keys, app.store.clone())
        .host(app.emulator.local_url())
        .allowed_integrations(["openai"])
        .entity::<User>()
        .build()
        .unwrap();
    assert_eq!(wrong.sweep().run().await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(wrong.sync(&alice()).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert!(wrong.connection(&alice(), "openai").await.unwrap().check().await.is_err());
    assert_eq!(app.nango.connections(&alice()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reconnect_during_an_outage_is_a_typed_error_and_works_afterwards() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let browser = app.browser("alice");
    let outages = [
        (CallFaults::status("/connect/sessions*", 500, 2), ErrorKind::Unavailable, 503),
        (CallFaults::status("/connect/sessions*", 429, 2), ErrorKind::RateLimited, 503),
        (CallFaults::status("/connect/sessions*", 403, 2), ErrorKind::Unauthorized, 502),
        (CallFaults::hang_up("/connect/sessions*", 2), ErrorKind::Unavailable, 503),
    ];
    for (fault, kind, status) in outages {
        app.emulator.fail_calls(fault);
        assert_eq!(connection.reconnect().await.unwrap_err().kind(), kind);
        let reply = browser.post("/nango/reconnect-token", r#"{"integration":"openai"}"#).await;
        assert_eq!(reply.status, status, "{kind:?}");
        let healed = browser.post("/nango/reconnect-token", r#"{"integration":"openai"}"#).await;
        assert_eq!(healed.status, 200, "{kind:?}");
    }
    let still = app.nango.connection(&alice(), "openai").await.unwrap();
    assert_eq!(still.health(), Health::Healthy);
}

#[tokio::test]
async fn an_outage_during_a_sweep_removes_nothing_and_the_next_sweep_catches_up() {
    let app = App::start().await;
    let tags = [("end_user_id", "user-{n}"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 40, "here-{n}", &tags).unwrap();
    let _ = app.nango.sweep().run().await.unwrap();
    app.emulator.import_many("openai", 40, "new-{n}", &tags).unwrap();
    app.nango.unscoped_client().delete_connection(&ConnectionKey::new("openai", "here-1")).await.unwrap();
    let live = async || app.store.page(None, 1_000).await.unwrap().iter().filter(|row| !row.removed).count();
    // One page and its second reading pass; then every attempt of a background call fails.
    for fault in
        [CallFaults::delay("/connections*", Duration::ZERO, 2), CallFaults::status("/connections*", 500, 4)]
    {
        app.emulator.fail_calls(fault);
    }
    let error = app.nango.sweep().page_size(20).run().await.unwrap_err();
    assert_eq!((error.kind(), live().await), (ErrorKind::Unavailable, 60), "the first page stays done");
    let report = app.nango.sweep().page_size(20).run().await.unwrap();
    assert_eq!((report.missing_in_store.count, report.missing_at_nango.count, live().await), (20, 1, 79));
}

#[tokio::test]
async fn a_sweep_retries_and_a_reconnect_fails_in_time_while_nango_hangs() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_secs(60), 1));
    app.emulator.fail_calls(CallFaults::delay("/connect/sessions*", Duration::from_secs(60), 1));
    let begun = std::time::Instant::now();
    let (swept, session) = tokio::join!(app.nango.sweep().run(), connection.reconnect());
    assert_eq!(swept.unwrap().listed, 1, "the second attempt was answered");
    assert_eq!(session.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    connection.reconnect().await.unwrap();
}

struct Failing;

#[async_trait]
impl WebhookHandler for Failing {
    async fn connection_changed(&self, _: &Nango, _: ConnectionChanged) -> Result<(), BoxError> {
        Err("not today".into())
    }
}

#[tokio::test]
async fn a_failing_handler_delays_no_mark() {
    let app = App::configured(|builder| builder.handler(Failing)).await;
    // More rows than one drain takes, with keys that sort before the mark's.
    let unannounced = |n| {
        let key = ConnectionKey::new("openai", format!("0000-{n}"));
        insert(&Record { announced: false, ..live(key, Owner::new("user", "bob")) })
    };
    app.store.apply(&(0..600).map(unannounced).collect::<Vec<_>>()).await.unwrap();
    let token = app.browser("alice").session_token("").await;
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 10));
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    app.emulator.clear_faults();
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1);
}

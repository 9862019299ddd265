//! No owner reaches another owner's connection.

use nango_core::{ConnectionStore as _, Unnamed, nango_client};
use nango_tests::{App, Reply, User};

/// Makes every request that an owner can make with a handle.
async fn every_way(app: &App, user: &str, mount: &str, handle: &str) -> Vec<Reply> {
    let browser = app.browser(user);
    vec![
        browser.post(&format!("{mount}/connections/{handle}/check"), "").await,
        browser.post(&format!("{mount}/reconnect-token"), &format!(r#"{{"handle":"{handle}"}}"#)).await,
        browser.delete(&format!("{mount}/connections/{handle}")).await,
    ]
}

#[tokio::test]
async fn a_foreign_handle_is_answered_like_a_missing_one() {
    let app = App::start().await;
    let handle = app.connect("alice", "sk-test").await.handle();
    for (user, mount) in
        [("bob", "/nango"), ("carol", "/nango"), ("alice", "/org/nango"), ("carol", "/org/nango")]
    {
        let foreign = every_way(&app, user, mount, &handle).await;
        let missing = every_way(&app, user, mount, "AAAAAAAAAAAAAAAAAAAAAA").await;
        let malformed = every_way(&app, user, mount, "no%20handle").await;
        for ((foreign, missing), malformed) in foreign.iter().zip(&missing).zip(&malformed) {
            assert_eq!(foreign.status, 404, "{}", foreign.body);
            assert_eq!((foreign.status, &foreign.body), (missing.status, &missing.body));
            assert_eq!((foreign.status, &foreign.body), (malformed.status, &malformed.body));
        }
        assert!(app.browser(user).connections(mount).await.is_empty());
        let path = format!("{mount}/reconnect-token");
        assert_eq!(app.browser(user).post(&path, r#"{"integration":"openai"}"#).await.status, 404);
    }
    assert_eq!(
        every_way(&app, "alice", "/nango", &handle).await.iter().map(|r| r.status).collect::<Vec<_>>(),
        [200, 200, 204]
    );
}

/// The tags of a connection at Nango.
async fn tags_of(app: &App, id: &str) -> Vec<(String, String)> {
    let key = nango_core::ConnectionKey::new("openai", id);
    let connection = app.nango.unscoped_client().connection(&key).await.unwrap();
    connection.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn with_a_name_another_backends_connections_are_foreign() {
    let app = App::configured(|builder| builder.app("billing")).await;
    let nobodys = [("untagged", vec![("end_user_id", "alice")])];
    let theirs = [("older", vec![("end_user_id", "alice"), ("owner_kind", "user")])];
    for (id, tags) in nobodys.iter().chain(&theirs) {
        app.emulator.import_many("openai", 1, id, tags).unwrap();
    }
    let alice = User::named("alice").unwrap();
    assert!(app.nango.sync(&alice).await.unwrap().is_empty());
    assert_eq!(app.nango.sweep().run().await.unwrap().missing_in_store.count, 0);
    assert!(app.browser("alice").connections("/nango").await.is_empty());
    for (id, _) in nobodys.iter().chain(&theirs) {
        let refused = app.nango.adopt(&alice, "openai", id).await.unwrap_err();
        assert_eq!(refused.kind(), nango_core::ErrorKind::OwnerConflict, "{id}");
    }
    let report = app.nango.forget(&alice).await.unwrap();
    assert_eq!(report.removed, 0, "another backend's connections are not ours to end");
    assert_eq!(tags_of(&app, "untagged").await.len(), 1);
}

#[tokio::test]
async fn connections_of_the_time_before_the_name_are_claimed_on_purpose() {
    for (which, claimed) in [(Unnamed::OlderNames, 1), (Unnamed::AlsoUntagged, 2)] {
        let app = App::configured(|builder| builder.app("billing").adopt_unnamed(which)).await;
        app.emulator.import_many("openai", 1, "untagged", &[("end_user_id", "alice")]).unwrap();
        let older = [("end_user_id", "alice"), ("owner_kind", "user"), ("plan", "pro")];
        app.emulator.import_many("openai", 1, "older", &older).unwrap();
        let foreign = [("end_user_id", "alice"), ("owner_kind", "crm/user")];
        app.emulator.import_many("openai", 1, "foreign", &foreign).unwrap();

        let _ = app.nango.sweep().run().await.unwrap();
        let alice = User::named("alice").unwrap();
        assert_eq!(app.nango.connections(&alice).await.unwrap().len(), claimed, "{which:?}");
        let named = ("owner_kind".to_owned(), "billing/user".to_owned());
        assert_eq!(tags_of(&app, "older").await.len(), 3, "the other tags stay");
        assert!(tags_of(&app, "older").await.contains(&named), "{which:?}");
        assert_eq!(tags_of(&app, "untagged").await.contains(&named), which == Unnamed::AlsoUntagged);
        assert!(!tags_of(&app, "foreign").await.contains(&named));
    }
}

#[tokio::test]
async fn a_connection_that_loses_only_its_owner_kind_is_a_conflict() {
    let app = App::configured(|builder| builder.app("billing")).await;
    let connection = app.connect("alice", "sk-test").await;
    let mut tags = nango_core::Tags::new();
    tags.insert("end_user_id", "alice").unwrap();
    app.nango.unscoped_client().set_tags(connection.key(), &tags).await.unwrap();
    app.nango.sync(&User::named("alice").unwrap()).await.unwrap();
    assert_eq!(app.browser("alice").connections("/nango").await.len(), 1, "it is not removed");
    assert_eq!(app.nango.counters().owner_conflicts, 1);
    assert_eq!(tags_of(&app, connection.key().connection_id()).await.len(), 1, "nor overwritten");
}

#[tokio::test]
async fn an_old_delivery_revives_no_disconnected_connection() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let sent = app.emulator.deliveries()[0].clone();
    let alice = app.browser("alice");
    let path = format!("/nango/connections/{}", connection.handle());
    assert_eq!(alice.delete(&path).await.status, 204);
    assert_eq!(alice.delete(&path).await.status, 404);
    assert_eq!(app.stranger().deliver(&sent.body, &sent.hmac_sha256).await.status, 200, "an old delivery");
    assert!(alice.connections("/nango").await.is_empty());
    let gone = app.nango.unscoped_client().connection(connection.key()).await.unwrap_err();
    assert_eq!(gone.kind(), nango_client::ErrorKind::NotFound, "gone at Nango too");
}

#[tokio::test]
async fn a_connection_deleted_at_nango_is_gone_after_a_check() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    app.nango.unscoped_client().delete_connection(connection.key()).await.unwrap();
    let alice = app.browser("alice");
    let check = format!("/nango/connections/{}/check", connection.handle());
    let reply = alice.post(&check, "").await;
    assert_eq!((reply.status, reply.json()["health"].as_str()), (200, Some("gone")));
    assert_eq!(alice.post(&check, "").await.status, 404);
}

#[tokio::test]
async fn an_unregistered_entity_panics_when_mounted() {
    use nango_core::{MemoryStore, Nango, SigningKeys};

    let nango = Nango::builder("key", SigningKeys::new(["signing"]).unwrap(), MemoryStore::new())
        .allowed_integrations(["slack"])
        .entity::<User>()
        .build()
        .unwrap();
    let mount = || nango_axum::owner_routes::<nango_tests::Organization, ()>(nango.clone());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mount)).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains(".entity::<nango_tests::entities::Organization>()"), "{text}");
}

#[tokio::test]
async fn forget_removes_everything_of_an_owner() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    app.connect("bob", "sk-test").await;
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", nango_emulator::Credentials::oauth2()).await.unwrap();

    let done = app.nango.forget(&User::named("alice").unwrap()).await.unwrap();
    assert_eq!(
        (done.removed, done.failed, done.searched_nango),
        (2, 0, true),
        "including the connection whose webhook was lost"
    );
    let rows = app.store.page(None, 100).await.unwrap();
    assert!(rows.iter().filter(|row| row.removed).all(|row| row.owner.is_none()));
    let stored: String = rows.iter().map(|row| row.details.to_json()).collect();
    assert!(!stored.contains("alice"), "the store has personal data of the owner");
    let left = app.nango.unscoped_client().connections().send().await.unwrap();
    assert_eq!(left.len(), 1, "bob's");
    assert_eq!(app.nango.forget(&User::named("alice").unwrap()).await.unwrap().removed, 0);
}

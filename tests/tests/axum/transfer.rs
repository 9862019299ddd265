//! Connections that the app gives to an owner: adopted and transferred ones.

use std::sync::{Arc, Mutex};

use nango_core::{BoxError, ConnectionChanged, ErrorKind, Nango, Owner, WebhookHandler, async_trait};
use nango_tests::{App, Organization, User};

fn user(id: &str) -> User {
    User::named(id).unwrap()
}

async fn tag(app: &App, id: &str, key: &str) -> Option<String> {
    let key_of = nango_core::ConnectionKey::new("openai", id);
    app.nango.unscoped_client().connection(&key_of).await.unwrap().tags.get(key).map(str::to_owned)
}

#[tokio::test]
async fn an_imported_connection_is_adopted_with_the_tags_that_it_has() {
    let app = App::start().await;
    app.emulator.import_many("openai", 1, "old-{n}", &[("plan", "pro")]).unwrap();
    for _ in 0..2 {
        let adopted = app.nango.adopt(&user("alice"), "openai", "old-1").await.unwrap();
        assert_eq!(adopted.owner().id(), "alice");
    }
    assert_eq!(app.nango.connections(&user("alice")).await.unwrap().len(), 1);
    assert_eq!(tag(&app, "old-1", "end_user_id").await.as_deref(), Some("alice"));
    assert_eq!(tag(&app, "old-1", "plan").await.as_deref(), Some("pro"));
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.owner_unknown.count, report.updated), (0, 0), "{report:?}");
}

#[tokio::test]
async fn a_connection_of_another_owner_cannot_be_adopted() {
    let app = App::start().await;
    let bobs = app.connect("bob", "sk-bob").await;
    let id = bobs.key().connection_id();
    let kind = |result: Result<_, nango_core::Error>| result.map(drop).unwrap_err().kind();
    let alice = user("alice");
    assert_eq!(kind(app.nango.adopt(&alice, "openai", id).await), ErrorKind::OwnerConflict);
    app.emulator
        .import_many("openai", 1, "bobs-{n}", &[("end_user_id", "bob"), ("owner_kind", "user")])
        .unwrap();
    assert_eq!(kind(app.nango.adopt(&alice, "openai", "bobs-1").await), ErrorKind::OwnerConflict);
    app.emulator.import_many("openai", 1, "theirs-{n}", &[("owner_kind", "other-app/user")]).unwrap();
    assert_eq!(kind(app.nango.adopt(&alice, "openai", "theirs-1").await), ErrorKind::OwnerConflict);
    for (integration, id) in [("openai", "missing"), ("nothing", "old-1"), ("openai", "im#possible")] {
        assert_eq!(kind(app.nango.adopt(&alice, integration, id).await), ErrorKind::NotFound, "{id}");
    }
    let stranger = Owner::new("robot", 1);
    assert_eq!(kind(app.nango.adopt(&stranger, "openai", "theirs-1").await), ErrorKind::UnknownKind);
    assert_eq!(tag(&app, "bobs-1", "end_user_id").await.as_deref(), Some("bob"));
    assert!(app.nango.connections(&alice).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_with_ten_tags_cannot_be_adopted() {
    let app = App::start().await;
    let tags: Vec<_> = (0..10).map(|n| (format!("k{n}"), "v")).collect();
    let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    app.emulator.import_many("openai", 1, "full-{n}", &tags).unwrap();
    let error = app.nango.adopt(&user("alice"), "openai", "full-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tags);
    assert_eq!(tag(&app, "full-1", "end_user_id").await, None, "nothing was written");
}

#[derive(Default)]
struct Owners(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl WebhookHandler for Owners {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        self.0.lock().unwrap().push(event.connection.owner().id().to_owned());
        Ok(())
    }
}

#[tokio::test]
async fn a_connection_is_transferred_with_its_tags() {
    let owners = Owners::default();
    let notified = owners.0.clone();
    let app = App::configured(|builder| builder.handler(owners)).await;
    let connection = app.connect("alice", "sk-test").await;
    let acme = Organization::of("acme");
    let transferred = connection.transfer(&acme).await.unwrap();
    assert_eq!((transferred.owner().kind(), transferred.owner().id()), ("organization", "acme"));
    app.nango.settled().await;
    assert_eq!(*notified.lock().unwrap(), ["alice", "acme"]);
    assert!(app.nango.connections(&user("alice")).await.unwrap().is_empty());
    let id = connection.key().connection_id();
    assert_eq!(tag(&app, id, "end_user_id").await, None, "the tags do not name alice");
    assert_eq!(tag(&app, id, "organization_id").await.as_deref(), Some("acme"));

    let kind = connection.transfer(&user("bob")).await.map(drop).unwrap_err().kind();
    assert_eq!(kind, ErrorKind::NotFound, "the connection is not alice's");
    let kind = connection.disconnect().await.unwrap_err().kind();
    assert_eq!(kind, ErrorKind::NotFound, "alice cannot disconnect it");
    assert_eq!(transferred.check().await.unwrap().owner().id(), "acme");
    assert_eq!(app.nango.counters().owner_conflicts, 0);
}

#[tokio::test]
async fn a_session_of_the_old_owner_reverts_no_transfer() {
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let session = connection.reconnect().await.unwrap();
    connection.transfer(&user("bob")).await.unwrap();
    let credentials = nango_emulator::Credentials::api_key("sk-other");
    app.emulator.connect(session.token.expose(), "openai", credentials).await.unwrap();
    app.settled().await;
    assert_eq!(app.nango.connections(&user("bob")).await.unwrap().len(), 1);
    assert!(app.nango.connections(&user("alice")).await.unwrap().is_empty());
    assert_eq!(app.nango.counters().owner_conflicts, 1);
}

//! Events at Nango.

use nango_core::{ConnectionKey, ConnectionStore as _, TagMapper, Tags};
use nango_emulator::Credentials;
use nango_tests::{User, call_nango};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::oracle::incarnation;

/// An event that changes the connection at Nango.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpstreamEvent {
    /// Deleted in the dashboard. Nango sends no webhook.
    Deleted,
    /// The owner breaks a reconnect off: Nango sends a failed creation.
    Denied,
    Reconnected,
    /// In a session that repeats only the two ids, as Nango's guide has it: this wipes the tags.
    ReconnectedWithoutTags,
    /// Deleted, and imported again under the same id.
    Recreated,
    /// Deleted, and imported again under the same id for another owner.
    RecreatedForBob,
    /// The credentials work again. Nango sends no webhook.
    Restored,
    /// Given tags that name another owner. Nango sends no webhook.
    Retagged,
    Revoked,
}

impl UpstreamEvent {
    /// Returns whether Nango sends no webhook.
    pub(crate) fn is_silent(self) -> bool {
        matches!(self, Self::Restored | Self::Deleted | Self::Retagged)
    }
}

impl Harness {
    /// Causes an event, if it can happen.
    pub(crate) async fn cause(&self, key: &ConnectionKey, event: UpstreamEvent) {
        let (integration, id) = (key.integration(), key.connection_id());
        match event {
            // Fails where Nango has no connection.
            UpstreamEvent::Revoked => drop(self.emulator.revoke(integration, id).await),
            UpstreamEvent::Restored => drop(self.emulator.restore(integration, id).await),
            UpstreamEvent::Reconnected => {
                let Some((user, connection)) = self.owned(key).await else { return };
                let Ok(session) = connection.reconnect().await else { return };
                self.connect(session.token.expose(), integration, &user.id).await;
                // Also where the connection is being transferred.
                self.note_tags(key, Some(&user.id)).await;
            }
            UpstreamEvent::ReconnectedWithoutTags => {
                // Tags that are wiped before the first look are lost: Nango itself does not know
                // the owner any more.
                let Some((user, _)) = self.owned(key).await else { return };
                if self.is_known(key).await {
                    let token = self.session_without_tags(key).await;
                    self.connect(&token, integration, &user.id).await;
                    self.note_tags(key, None).await;
                }
            }
            UpstreamEvent::Denied => {
                let Some((_, connection)) = self.owned(key).await else { return };
                let Ok(session) = connection.reconnect().await else { return };
                // Fails for everything but OAuth.
                let _ = self.emulator.deny(session.token.expose(), integration).await;
            }
            UpstreamEvent::Deleted => drop(self.nango.unscoped_client().delete_connection(key).await),
            UpstreamEvent::Recreated => {
                let Some(owner) = self.owner(key).await else { return };
                self.nango.unscoped_client().delete_connection(key).await.unwrap();
                self.import(key, &owner).await;
            }
            UpstreamEvent::RecreatedForBob => {
                // Fails where Nango has no connection; its id is free then.
                let _ = self.nango.unscoped_client().delete_connection(key).await;
                self.import(key, &User::named("bob").unwrap()).await;
            }
            UpstreamEvent::Retagged => {
                // Before the first look, these tags would name the owner.
                if self.owned(key).await.is_some() && self.is_known(key).await {
                    self.nango.unscoped_client().set_tags(key, &tags("carol")).await.unwrap();
                    self.note_tags(key, Some("carol")).await;
                }
            }
        }
    }

    /// Finishes a session. One of a connection that was deleted meanwhile is refused.
    pub(crate) async fn connect(&self, token: &str, integration: &str, user: &str) {
        let credentials = match integration {
            "slack" => Credentials::oauth2(),
            _ => Credentials::api_key("sk-test"),
        };
        if let Ok(made) = self.emulator.connect(token, integration, credentials).await {
            self.note_owner(&ConnectionKey::new(made.integration, made.connection_id), user).await;
        }
    }

    pub(crate) async fn note_owner(&self, key: &ConnectionKey, user: &str) {
        if let Some(now) = self.now(key).await {
            let mut oracle = self.store.oracle();
            oracle.owners.entry((now.key, now.incarnation)).or_insert_with(|| user.to_owned());
        }
    }

    /// Notes that tags were repaired just after an event. Nango has no conditional PATCH, so they
    /// count now: for a connection that was recreated meanwhile, and for one that was retagged.
    pub(crate) async fn note_blind_patch(&self, key: &ConnectionKey) {
        let Some(now) = self.unheld(self.now(key)).await else { return };
        let Some(named) = now.tags.get("end_user_id").map(str::to_owned) else { return };
        let row = self.store.get(std::slice::from_ref(key)).await.unwrap().remove(0);
        let is_known = row.is_some_and(|row| !row.removed && incarnation(&row) == now.incarnation);
        let name = (now.key, now.incarnation);
        let mut oracle = self.store.oracle();
        if !is_known && let Some(owner) = oracle.owners.get(&name).filter(|owner| **owner != named).cloned() {
            oracle.ambiguous.insert(name.clone(), [owner, named.clone()]);
        }
        oracle.retagged.insert(name, named);
    }

    pub(crate) async fn note_tags(&self, key: &ConnectionKey, user: Option<&str>) {
        if let Some(now) = self.now(key).await {
            let mut oracle = self.store.oracle();
            match user {
                Some(user) => oracle.retagged.insert((now.key, now.incarnation), user.to_owned()),
                None => oracle.retagged.remove(&(now.key, now.incarnation)),
            };
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        call_nango(&self.emulator, Method::POST, path, Some(body)).await.json()
    }

    async fn session_without_tags(&self, key: &ConnectionKey) -> String {
        let body = json!({"connection_id": key.connection_id(), "integration_id": key.integration()});
        let reply = self.post("/connect/sessions/reconnect", &body).await;
        reply["data"]["token"].as_str().unwrap().to_owned()
    }

    async fn import(&self, key: &ConnectionKey, user: &User) {
        self.import_with(key, &tags(&user.id)).await;
        self.note_owner(key, &user.id).await;
    }

    pub(crate) async fn import_with(&self, key: &ConnectionKey, tags: &Tags) {
        let credentials = match key.integration() {
            "slack" => json!({"type": "OAUTH2", "access_token": "at"}),
            _ => json!({"type": "API_KEY", "apiKey": "sk-test"}),
        };
        let body = json!({
            "connection_id": key.connection_id(), "provider_config_key": key.integration(),
            "credentials": credentials, "tags": tags.iter().collect::<std::collections::HashMap<_, _>>(),
        });
        self.post("/connections", &body).await;
    }
}

fn tags(user: &str) -> Tags {
    User::named(user).unwrap().to_tags().unwrap()
}

//! What can happen to a connection at Nango.

use nango_core::{ConnectionRef, ConnectionStore as _, TagMapper, Tags};
use nango_emulator::Credentials;
use nango_tests::User;
use serde_json::{Value, json};

use crate::store::incarnation;
use crate::world::World;

/// What can happen to the one connection of a small world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Revoked,
    /// The credentials work again. Nango says nothing.
    Restored,
    ReconnectedByUs,
    /// With nothing but the two ids, as Nango's guide has it: this wipes the tags.
    ReconnectedByOthers,
    /// A reconnect that its owner breaks off: Nango calls it a failed creation.
    Denied,
    /// Deleted in the dashboard. Nango says nothing.
    Deleted,
    /// Deleted, and imported again under the same id.
    MadeAgain,
    /// The same, for somebody else.
    MadeAgainForBob,
    /// Somebody has given it tags of somebody else. Nango says nothing.
    Retagged,
}

impl Move {
    /// Whether no delivery tells of it.
    pub(crate) fn is_silent(self) -> bool {
        matches!(self, Self::Restored | Self::Deleted | Self::Retagged)
    }
}

impl World {
    /// Makes a move, if it can be made.
    pub(crate) async fn make(&self, key: &ConnectionRef, a_move: Move) {
        let (integration, id) = (key.integration(), key.connection_id());
        match a_move {
            // A connection that is not there can be neither.
            Move::Revoked => drop(self.emulator.revoke(integration, id).await),
            Move::Restored => drop(self.emulator.restore(integration, id).await),
            Move::ReconnectedByUs => {
                let Some((user, connection)) = self.owned(key).await else { return };
                let Ok(session) = connection.reconnect().await else { return };
                self.connect(session.token.expose(), integration, &user.id).await;
                // Also where it is about to become somebody else's.
                self.note_tags(key, Some(&user.id)).await;
            }
            Move::ReconnectedByOthers => {
                // Tags that are wiped before anybody has seen them are lost: Nango itself knows the owner no more.
                let Some((user, _)) = self.owned(key).await else { return };
                if self.is_known(key).await {
                    let token = self.bare_session(key).await;
                    self.connect(&token, integration, &user.id).await;
                    self.note_tags(key, None).await;
                }
            }
            Move::Denied => {
                let Some((_, connection)) = self.owned(key).await else { return };
                let Ok(session) = connection.reconnect().await else { return };
                // Only OAuth can be denied.
                let _ = self.emulator.deny(session.token.expose(), integration).await;
            }
            Move::Deleted => drop(self.nango.client().delete_connection(key).await),
            Move::MadeAgain => {
                let Some(maker) = self.maker(key).await else { return };
                self.nango.client().delete_connection(key).await.unwrap();
                self.import(key, &maker).await;
            }
            Move::MadeAgainForBob => {
                // There is nothing to delete when it is gone, and its id is free all the same.
                let _ = self.nango.client().delete_connection(key).await;
                self.import(key, &User::named("bob").unwrap()).await;
            }
            Move::Retagged => {
                // Before anybody has seen the first tags, they would be the ones that count.
                if self.owned(key).await.is_some() && self.is_known(key).await {
                    self.nango.client().set_tags(key, &tags("carol")).await.unwrap();
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
            self.note_maker(&ConnectionRef::new(made.integration, made.connection_id), user).await;
        }
    }

    pub(crate) async fn note_maker(&self, key: &ConnectionRef, user: &str) {
        if let Some(now) = self.now(key).await {
            let mut facts = self.store.facts();
            facts.makers.entry((now.key, now.incarnation)).or_insert_with(|| user.to_owned());
        }
    }

    /// Tags were given back just after a move. Nango has no conditional PATCH, so they are what counts now: of a connection that
    /// was made again meanwhile, and of one that somebody else has given tags.
    pub(crate) async fn note_blind_patch(&self, key: &ConnectionRef) {
        let Some(now) = self.freely(self.now(key)).await else { return };
        let Some(named) = now.tags.get("end_user_id").map(str::to_owned) else { return };
        let row = self.store.get(std::slice::from_ref(key)).await.unwrap().remove(0);
        let is_known = row.is_some_and(|row| !row.removed && incarnation(&row) == now.incarnation);
        let name = (now.key, now.incarnation);
        let mut facts = self.store.facts();
        if !is_known && let Some(maker) = facts.makers.get(&name).filter(|maker| **maker != named).cloned() {
            facts.unclear.insert(name.clone(), [maker, named.clone()]);
        }
        facts.retagged.insert(name, named);
    }

    pub(crate) async fn note_tags(&self, key: &ConnectionRef, whose: Option<&str>) {
        if let Some(now) = self.now(key).await {
            let mut facts = self.store.facts();
            match whose {
                Some(user) => facts.retagged.insert((now.key, now.incarnation), user.to_owned()),
                None => facts.retagged.remove(&(now.key, now.incarnation)),
            };
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = nango_tests::http().post(format!("{}{path}", self.emulator.local_url()));
        let request =
            request.bearer_auth(self.emulator.secret_key()).header("content-type", "application/json");
        let reply = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    async fn bare_session(&self, key: &ConnectionRef) -> String {
        let body = json!({"connection_id": key.connection_id(), "integration_id": key.integration()});
        let reply = self.post("/connect/sessions/reconnect", &body).await;
        reply["data"]["token"].as_str().unwrap().to_owned()
    }

    async fn import(&self, key: &ConnectionRef, user: &User) {
        self.import_with(key, &tags(&user.id)).await;
        self.note_maker(key, &user.id).await;
    }

    pub(crate) async fn import_with(&self, key: &ConnectionRef, tags: &Tags) {
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

/// The tags of a user.
fn tags(user: &str) -> Tags {
    User::named(user).unwrap().to_tags().unwrap()
}

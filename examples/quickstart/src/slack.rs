//! What connections are for: a route of the app that calls Slack for whoever is logged in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use nango_core::{Error, ErrorKind, Nango};
use serde_json::Value;

use crate::app::AppState;
use crate::models::User;

/// `GET /slack/channels`: what Slack answers, or why it cannot be asked.
pub async fn channels(State(state): State<AppState>, user: User) -> Result<Json<Value>, StatusCode> {
    match channels_of(&state.nango, &user).await {
        Ok(channels) => Ok(Json(channels)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::BAD_GATEWAY),
    }
}

/// There is no way to a connection but through its owner, so this cannot be somebody else's Slack.
async fn channels_of(nango: &Nango, user: &User) -> Result<Value, Error> {
    let slack = nango.connection(user, "slack").await?;
    let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    reply.json()
}

#[cfg(test)]
mod tests {
    use nango_core::{MemoryStore, SigningKeys};
    use nango_emulator::{Credentials, Emulator};

    use super::*;

    #[tokio::test]
    async fn slack_is_asked_for_the_user_who_connected_it() {
        let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new())
            .host(emulator.local_url())
            .allowed_integrations(["slack"])
            .entity::<User>()
            .build()
            .unwrap();
        let [alice, bob] = ["alice", "bob"].map(|id| User::find(id).unwrap());
        let session = nango.connect_session(&alice).create().await.unwrap();
        emulator.connect(session.token.expose(), "slack", Credentials::oauth2()).await.unwrap();
        nango.sync(&alice).await.unwrap();

        // The emulator's Slack says what it was asked.
        let asked = channels_of(&nango, &alice).await.unwrap();
        assert_eq!(asked["url"], "/conversations.list?limit=20");
        let error = channels_of(&nango, &bob).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

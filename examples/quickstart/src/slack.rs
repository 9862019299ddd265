//! A use of a connection: a route of the app that calls Slack on behalf of the logged-in user.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use nango_core::{Error, ErrorKind, Nango};
use serde_json::Value;

use crate::app::AppState;
use crate::models::User;

/// `GET /slack/channels`: returns Slack's answer, 404 without a connection, or 502 if Slack cannot
/// be called.
pub async fn channels(State(state): State<AppState>, user: User) -> Result<Json<Value>, StatusCode> {
    match list_channels(&state.nango, &user).await {
        Ok(channels) => Ok(Json(channels)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::BAD_GATEWAY),
    }
}

/// Looks the connection up by its owner, so it cannot be the Slack of another user.
async fn list_channels(nango: &Nango, user: &User) -> Result<Value, Error> {
    let slack = nango.connection(user, "slack").await?;
    let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    Ok(reply.json()?)
}

#[cfg(test)]
mod tests {
    use nango_core::{MemoryStore, SigningKeys};
    use nango_emulator::{Credentials, Emulator};

    use super::*;

    #[tokio::test]
    async fn slack_is_called_only_for_the_user_that_connected_it() {
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

        // The emulator's Slack echoes the request.
        let echo = list_channels(&nango, &alice).await.unwrap();
        assert_eq!(echo["url"], "/conversations.list?limit=20");
        let error = list_channels(&nango, &bob).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

//! A use of a connection: a route of the app that calls Slack on behalf of the logged-in user.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use nango_core::{Error, ErrorKind, Nango};
use serde::{Deserialize, Serialize};

use crate::app::AppState;
use crate::models::User;

/// A channel, with the fields that the browser needs and no others: a provider's reply is not
/// passed on, since it may contain anything, also about other people.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    id: String,
    name: String,
}

/// Slack's reply, of which everything else is dropped.
#[derive(Deserialize)]
struct Reply {
    channels: Vec<Channel>,
}

/// `GET /slack/channels`: returns the user's channels, 404 without a connection, or 502 if Slack
/// cannot be called or refuses.
pub async fn channels(State(state): State<AppState>, user: User) -> Result<impl IntoResponse, StatusCode> {
    match list_channels(&state.nango, &user).await {
        // What a user may read at Slack is not for caches.
        Ok(channels) => Ok(([(CACHE_CONTROL, "no-store")], Json(channels))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::BAD_GATEWAY),
    }
}

/// Looks the connection up by its owner, so it cannot be the Slack of another user.
async fn list_channels(nango: &Nango, user: &User) -> Result<Vec<Channel>, Error> {
    let slack = nango.connection(user, "slack").await?;
    let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    Ok(reply.json::<Reply>()?.channels)
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

        let general = Channel { id: "C0EMULATOR".to_owned(), name: "general".to_owned() };
        assert_eq!(list_channels(&nango, &alice).await.unwrap(), [general]);
        let error = list_channels(&nango, &bob).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

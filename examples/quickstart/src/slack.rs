//! A use of a connection: the channels of a user's or an organisation's Slack.

use nango_core::{Error, ErrorKind, Nango, TagMapper};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A channel, with the fields that the browser needs and no others: a provider's reply is not
/// passed on, since it may contain anything, also about other people.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    id: String,
    name: String,
}

/// Slack's reply, of which everything else is dropped.
#[derive(Deserialize)]
struct Reply {
    /// Slack answers errors with status 200, and `false` here.
    ok: bool,
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    error: String,
}

/// A reason to return no channels.
#[derive(Debug)]
enum Problem {
    /// The call did not reach Slack.
    Nango(ErrorKind),
    /// Slack does not accept the connection any more, or not for this.
    Reconnect,
    /// Slack asks for a pause.
    Busy,
    /// Slack failed.
    Slack,
}

/// `GET /slack/channels/{handle}`: returns the status and body of the reply. The handle is necessary
/// only where the owner has several connections to Slack.
pub async fn channels(nango: &Nango, owner: &impl TagMapper, handle: Option<&str>) -> (u16, Value) {
    match list_channels(nango, owner, handle).await {
        Ok(channels) => (200, json!(channels)),
        Err(problem) => problem.describe(),
    }
}

/// Looks the connection up by its owner, so it cannot be the Slack of another user.
async fn list_channels(
    nango: &Nango,
    owner: &impl TagMapper,
    handle: Option<&str>,
) -> Result<Vec<Channel>, Problem> {
    let slack = match handle {
        Some(handle) => nango.connection_by_handle(owner, handle).await?,
        None => nango.connection(owner, "slack").await?,
    };
    if slack.integration() != "slack" {
        return Err(Problem::Nango(ErrorKind::NotFound));
    }
    let request = slack.proxy().get("/conversations.list").query("limit", 20);
    let reply = request.send().await.map_err(Error::from)?;
    read(reply.status().as_u16(), reply.bytes())
}

/// Reads Slack's reply. Its status alone does not say whether the call succeeded.
fn read(status: u16, body: &[u8]) -> Result<Vec<Channel>, Problem> {
    match status {
        200..=299 => {}
        401 | 403 => return Err(Problem::Reconnect),
        429 => return Err(Problem::Busy),
        _ => return Err(Problem::Slack),
    }
    let reply: Reply = serde_json::from_slice(body).map_err(|_| Problem::Slack)?;
    if reply.ok {
        return Ok(reply.channels);
    }
    Err(match reply.error.as_str() {
        "account_inactive" | "invalid_auth" | "missing_scope" | "no_permission" | "not_authed"
        | "token_expired" | "token_revoked" => Problem::Reconnect,
        "ratelimited" => Problem::Busy,
        _ => Problem::Slack,
    })
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidCredentials => Self::Reconnect,
            kind => Self::Nango(kind),
        }
    }
}

impl Problem {
    /// Returns the status and body of the reply, in the form that the routes of nango-core use.
    fn describe(&self) -> (u16, Value) {
        let (status, code, message) = match self {
            Self::Nango(ErrorKind::Ambiguous) => {
                (409, "ambiguous", "there are several connections to slack; name one by its handle")
            }
            Self::Nango(ErrorKind::NotFound) => (404, "not_found", "there is no such connection"),
            Self::Nango(ErrorKind::RateLimited | ErrorKind::Unavailable) => {
                (503, "nango_unavailable", "nango cannot be asked at the moment")
            }
            Self::Nango(ErrorKind::Store) => {
                (503, "store_unavailable", "connections cannot be read at the moment")
            }
            Self::Nango(_) => (502, "nango_refused", "nango refused the request"),
            Self::Reconnect => (409, "reconnect", "slack does not accept the connection; reconnect it"),
            Self::Busy => (503, "provider_busy", "slack asks for a pause; try again in a minute"),
            Self::Slack => (502, "provider_failed", "slack did not answer as expected; try again later"),
        };
        (status, json!({"error": {"code": code, "message": message}}))
    }
}

#[cfg(test)]
mod tests {
    use nango_core::{MemoryStore, SigningKeys};
    use nango_emulator::{Credentials, Emulator};

    use super::*;
    use crate::models::User;

    #[tokio::test]
    async fn slack_is_called_only_for_the_user_that_connected_it() {
        let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new())
            .host(emulator.local_url())
            .allowed_integrations(["hubspot", "slack"])
            .entity::<User>()
            .build()
            .unwrap();
        let [alice, bob] = ["alice", "bob"].map(|id| User::find(id).unwrap());
        let missing =
            (404, json!({"error": {"code": "not_found", "message": "there is no such connection"}}));
        assert_eq!(channels(&nango, &alice, None).await, missing);

        let session = nango.connect_session(&alice).create().await.unwrap();
        let mut ids = Vec::new();
        for integration in ["hubspot", "slack"] {
            let token = session.token.expose();
            ids.push(
                emulator.connect(token, integration, Credentials::oauth2()).await.unwrap().connection_id,
            );
        }
        nango.sync(&alice).await.unwrap();
        let handle = async |integration| nango.connection(&alice, integration).await.unwrap().handle();
        let (slack, hubspot) = (handle("slack").await, handle("hubspot").await);

        let general = (200, json!([{"id": "C0EMULATOR", "name": "general"}]));
        assert_eq!(channels(&nango, &alice, None).await, general);
        assert_eq!(channels(&nango, &alice, Some(&slack)).await, general);
        assert_eq!(channels(&nango, &alice, Some(&hubspot)).await, missing, "it is not a Slack");
        assert_eq!(channels(&nango, &bob, None).await, missing);
        assert_eq!(channels(&nango, &bob, Some(&slack)).await, missing, "the handle is Alice's");

        // Slack ends the token, and answers that with status 200.
        emulator.revoke_unnoticed("slack", &ids[1]).await.unwrap();
        let message = "slack does not accept the connection; reconnect it";
        let refused = (409, json!({"error": {"code": "reconnect", "message": message}}));
        assert_eq!(channels(&nango, &alice, Some(&slack)).await, refused);
    }

    #[test]
    fn an_error_of_slack_is_not_an_empty_list() {
        let ok = r#"{"ok": true, "channels": [{"id": "C1", "name": "general", "topic": "x"}]}"#;
        let general = Channel { id: "C1".to_owned(), name: "general".to_owned() };
        assert_eq!(read(200, ok.as_bytes()).unwrap(), [general]);
        for (status, body, expected) in [
            (200, r#"{"ok": false, "error": "token_revoked"}"#, 409),
            (200, r#"{"ok": false, "error": "missing_scope", "needed": "channels:read"}"#, 409),
            (200, r#"{"ok": false, "error": "ratelimited"}"#, 503),
            (200, r#"{"ok": false, "error": "internal_error"}"#, 502),
            (200, r#"{"ok": false}"#, 502),
            (200, r#"{"channels": []}"#, 502),
            (200, "<html>", 502),
            (401, "", 409),
            (429, "", 503),
            (500, "", 502),
        ] {
            let (status, reply) = read(status, body.as_bytes()).unwrap_err().describe();
            assert_eq!(status, expected, "{body}");
            assert!(!reply["error"]["message"].as_str().unwrap().is_empty(), "{body}");
        }
    }
}

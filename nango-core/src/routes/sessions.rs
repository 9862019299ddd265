//! Session tokens, with which a browser opens Nango's Connect UI.

use bytes::Bytes;
use http::{Response, StatusCode};
use nango_client::{ConnectSession, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::reply::{Problem, json};
use crate::nango::Nango;
use crate::owner::OwnerIdentity;

/// The body of `POST /session-token`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    integrations: Option<Vec<String>>,
}

/// The body of `POST /reconnect-token`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reconnect {
    integration: Option<String>,
    handle: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    session_token: &'a str,
    expires_at: Timestamp,
}

pub(super) async fn connect(
    nango: &Nango,
    caller: &OwnerIdentity,
    body: &Bytes,
) -> Result<Response<Bytes>, Problem> {
    const SHAPE: &str = "send nothing, {} or {\"integrations\": [\"..\"]}";
    nango.settings().session_limit.take(caller.owner()).map_err(Problem::TooManyRequests)?;
    let Connect { integrations } = read(body, SHAPE)?;
    let mut request = nango.connect_session(caller);
    if let Some(integrations) = integrations {
        request = request.integrations(integrations);
    }
    Ok(token(&request.create().await?))
}

pub(super) async fn reconnect(
    nango: &Nango,
    caller: &OwnerIdentity,
    body: &Bytes,
) -> Result<Response<Bytes>, Problem> {
    const SHAPE: &str = "send either {\"integration\": \"..\"} or {\"handle\": \"..\"}";
    nango.settings().session_limit.take(caller.owner()).map_err(Problem::TooManyRequests)?;
    let connection = match read(body, SHAPE)? {
        Reconnect { integration: Some(integration), handle: None } => {
            nango.connection(caller, &integration).await?
        }
        Reconnect { integration: None, handle: Some(handle) } => {
            nango.connection_by_handle(caller, &handle).await?
        }
        _ => return Err(Problem::InvalidBody(SHAPE)),
    };
    Ok(token(&connection.reconnect().await?))
}

fn token(session: &ConnectSession) -> Response<Bytes> {
    let ConnectSession { token, expires_at, .. } = session;
    json(StatusCode::OK, &Token { session_token: token.expose(), expires_at: *expires_at })
}

/// Parses a body as JSON, whatever its content type. An empty body is `{}`.
fn read<T: DeserializeOwned + Default>(body: &Bytes, shape: &'static str) -> Result<T, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|_| Problem::InvalidBody(shape))
}

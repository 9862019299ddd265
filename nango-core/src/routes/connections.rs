//! What an owner's browser sees of connections, and does with them. Never their ids.

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use serde::Serialize;

use super::reply::{Problem, empty, json};
use crate::nango::{Caller, Nango, OwnedConnection};
use crate::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    handle: String,
    integration: &'a str,
    provider: &'a str,
    health: &'static str,
    health_since: Timestamp,
    created_at: Timestamp,
}

impl<'a> Item<'a> {
    fn of(connection: &'a OwnedConnection) -> Self {
        Self {
            handle: connection.handle(),
            integration: connection.integration(),
            provider: connection.provider(),
            health: connection.health().as_str(),
            health_since: connection.health_since(),
            created_at: connection.created_at(),
        }
    }
}

/// Whether the query asks to look at Nango first.
pub(super) fn wants_sync(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "sync" && value == "true")
}

pub(super) async fn list(nango: &Nango, caller: &Caller, uri: &Uri) -> Result<Response<Bytes>, Problem> {
    if wants_sync(uri) {
        sync(nango, caller).await?;
    }
    let connections = nango.connections(caller).await?;
    let items: Vec<_> = connections.iter().map(Item::of).collect();
    Ok(json(StatusCode::OK, &items))
}

/// Looks at Nango, unless the owner has just done so. When Nango cannot be asked, what the store knows is still an answer.
async fn sync(nango: &Nango, caller: &Caller) -> Result<(), Problem> {
    let Some(_permit) = nango.sync_limit().take(caller.owner()) else {
        return Ok(());
    };
    match nango.sync(caller).await.map_err(Problem::from) {
        Ok(_) | Err(Problem::NangoUnavailable | Problem::NangoRefused) => Ok(()),
        Err(problem) => Err(problem),
    }
}

pub(super) async fn check(nango: &Nango, caller: &Caller, uri: &Uri) -> Result<Response<Bytes>, Problem> {
    let path = uri.path();
    let path = path.strip_suffix("/check").unwrap_or(path);
    let connection = nango.connection_by_handle(caller, last_segment(path)).await?;
    Ok(json(StatusCode::OK, &Item::of(&connection.check().await?)))
}

pub(super) async fn disconnect(
    nango: &Nango,
    caller: &Caller,
    uri: &Uri,
) -> Result<Response<Bytes>, Problem> {
    let connection = nango.connection_by_handle(caller, last_segment(uri.path())).await?;
    connection.disconnect().await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Handles are read from the end of the raw path: what stands before is the app's, and adapters decode differently.
fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

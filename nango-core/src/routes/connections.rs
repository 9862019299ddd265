//! Connections as an owner's browser sees them: by handle, never by id.

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use nango_client::Timestamp;
use serde::Serialize;

use super::reply::{Problem, empty, json};
use crate::connections::OwnedConnection;
use crate::nango::Nango;
use crate::owner::OwnerIdentity;

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

pub(super) fn wants_sync(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "sync" && value == "true")
}

/// Returns the raw segment at this place of the path, counted from its end.
///
/// The start of the path is the app's, and frameworks decode it differently.
pub(super) fn segment_from_end(uri: &Uri, index: usize) -> String {
    uri.path().rsplit('/').nth(index).unwrap_or_default().to_owned()
}

pub(super) async fn list(
    nango: &Nango,
    caller: &OwnerIdentity,
    sync: bool,
) -> Result<Response<Bytes>, Problem> {
    if sync {
        synchronize(nango, caller).await?;
    }
    let connections = nango.connections(caller).await?;
    let items: Vec<_> = connections.iter().map(Item::of).collect();
    Ok(json(StatusCode::OK, &items))
}

/// Looks at Nango, unless a look of this owner was recent.
///
/// While Nango is unavailable, the stored list is still the better reply: a page without it helps
/// no user.
async fn synchronize(nango: &Nango, caller: &OwnerIdentity) -> Result<(), Problem> {
    let Some(_permit) = nango.settings().sync_limit.take(caller.owner()) else {
        return Ok(());
    };
    match nango.sync(caller).await.map_err(Problem::from) {
        Ok(_) | Err(Problem::NangoUnavailable | Problem::NangoRefused) => Ok(()),
        Err(problem) => Err(problem),
    }
}

pub(super) async fn check(
    nango: &Nango,
    caller: &OwnerIdentity,
    handle: &str,
) -> Result<Response<Bytes>, Problem> {
    let connection = nango.connection_by_handle(caller, handle).await?;
    Ok(json(StatusCode::OK, &Item::of(&connection.check().await?)))
}

pub(super) async fn disconnect(
    nango: &Nango,
    caller: &OwnerIdentity,
    handle: &str,
) -> Result<Response<Bytes>, Problem> {
    nango.connection_by_handle(caller, handle).await?.disconnect().await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

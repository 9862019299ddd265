//! Creating and re-creating connections (wire reference 2.4 and 4.4; observed on Nango 0.71.4).
//! Nango replaces fields as a whole; it merges none.

use serde_json::{Map, Value};

use crate::app::App;
use crate::model::{Connection, Credentials, EndUser, Provider, RefreshHistory, Tags};
use crate::runs;
use crate::webhooks::payload::Operation;

/// Rules for fields that Nango resets or keeps when a connection is re-created.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum StoreMode {
    /// API key, basic, none, import: `metadata` starts as `{}` and is reset, `updated_at` changes.
    Plain,
    /// OAuth2, client credentials: `metadata` starts as null and is kept, `updated_at` is kept.
    OAuth2,
}

/// Input of a flow or an import.
pub(crate) struct Incoming<'a> {
    pub(crate) store_mode: StoreMode,
    pub(crate) integration: &'a str,
    pub(crate) provider: &'a Provider,
    pub(crate) connection_id: &'a str,
    pub(crate) credentials: Credentials,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) tags: Tags,
    pub(crate) end_user: Option<EndUser>,
    pub(crate) webhook_url_override: Option<String>,
}

/// Stores the connection and starts the syncs of a new one. Returns the operation that its webhook
/// names.
pub(crate) fn upsert(app: &App, incoming: Incoming<'_>) -> (Operation, Connection) {
    let now = app.clock.now();
    let (operation, connection) = app.write(|state| {
        let connections = &mut state.connections;
        let old = connections.get(incoming.integration, incoming.connection_id).cloned();
        let operation = if old.is_some() { Operation::Override } else { Operation::Creation };
        let fresh_metadata = match incoming.store_mode {
            StoreMode::Plain => Some(incoming.metadata.unwrap_or_default()),
            StoreMode::OAuth2 => incoming.metadata,
        };
        let connection = Connection {
            id: old.as_ref().map_or_else(|| connections.next_id(), |old| old.id),
            connection_id: incoming.connection_id.to_owned(),
            integration: incoming.integration.to_owned(),
            provider: incoming.provider.name.clone(),
            // A new connection ends earlier errors, back-off and exhaustion.
            errors: Vec::new(),
            refresh: RefreshHistory::default(),
            // Kept if the input has none, although the tags generated from it are gone.
            end_user: incoming
                .end_user
                .map(Box::new)
                .or_else(|| old.as_ref().and_then(|o| o.end_user.clone())),
            tags: incoming.tags,
            metadata: match (&old, incoming.store_mode) {
                (Some(old), StoreMode::OAuth2) => old.metadata.clone(),
                _ => fresh_metadata,
            },
            connection_config: incoming.connection_config,
            webhook_url_override: incoming.webhook_url_override,
            created_at: old.as_ref().map_or(now, |old| old.created_at),
            updated_at: match (&old, incoming.store_mode) {
                (Some(old), StoreMode::OAuth2) => old.updated_at,
                _ => now,
            },
            last_fetched_at: old.as_ref().map_or(Some(now), |old| old.last_fetched_at),
            credentials: incoming.credentials,
            revoked: false,
        };
        connections.put(connection.clone());
        (operation, connection)
    });
    if operation == Operation::Creation {
        runs::connection_added(app, &connection);
    }
    (operation, connection)
}

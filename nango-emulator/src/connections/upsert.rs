//! Making a connection, and what making it again leaves of the old one (wire reference 2.4 and 4.4;
//! observed on Nango 0.71.4). Nothing is ever merged.

use serde_json::{Map, Value};

use super::{Connection, Credentials, RefreshHistory};
use crate::{app::App, end_users::EndUser, providers::Provider, tags::Tags};

/// The two ways Nango stores a connection, which forget different things.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Manner {
    /// API key, basic, none, import: `metadata` starts as `{}` and is reset, `updated_at` moves.
    Plain,
    /// OAuth2, client credentials: `metadata` starts as null and is kept, `updated_at` stays.
    OAuth2,
}

/// What a flow or an import brings along.
pub(crate) struct Incoming<'a> {
    pub(crate) manner: Manner,
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

/// What an auth webhook calls it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operation {
    Creation,
    Override,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Override => "override",
        }
    }
}

/// Stores the connection and says what that was.
pub(crate) fn upsert(app: &App, incoming: Incoming<'_>) -> (Operation, Connection) {
    let now = app.clock.now();
    app.write(|state| {
        let connections = &mut state.connections;
        let old = connections.get(incoming.integration, incoming.connection_id).cloned();
        let operation = if old.is_some() { Operation::Override } else { Operation::Creation };
        let fresh_metadata = match incoming.manner {
            Manner::Plain => Some(incoming.metadata.unwrap_or_default()),
            Manner::OAuth2 => incoming.metadata,
        };
        let connection = Connection {
            id: old.as_ref().map_or_else(|| connections.next_id(), |old| old.id),
            connection_id: incoming.connection_id.to_owned(),
            integration: incoming.integration.to_owned(),
            provider: incoming.provider.name.clone(),
            // Earlier errors, back-off and exhaustion end here.
            errors: Vec::new(),
            refresh: RefreshHistory::default(),
            // Kept when none is given, although the tags it made are gone.
            end_user: incoming
                .end_user
                .map(Box::new)
                .or_else(|| old.as_ref().and_then(|o| o.end_user.clone())),
            tags: incoming.tags,
            metadata: match (&old, incoming.manner) {
                (Some(old), Manner::OAuth2) => old.metadata.clone(),
                _ => fresh_metadata,
            },
            connection_config: incoming.connection_config,
            webhook_url_override: incoming.webhook_url_override,
            created_at: old.as_ref().map_or(now, |old| old.created_at),
            updated_at: match (&old, incoming.manner) {
                (Some(old), Manner::OAuth2) => old.updated_at,
                _ => now,
            },
            last_fetched_at: old.as_ref().map_or(Some(now), |old| old.last_fetched_at),
            credentials: incoming.credentials,
            revoked: false,
        };
        connections.put(connection.clone());
        (operation, connection)
    })
}

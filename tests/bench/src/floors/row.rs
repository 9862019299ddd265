//! A row of the page of connections.

use serde::Serialize;

/// A connection, as the page shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) handle: String,
    pub(super) integration: String,
    pub(super) provider: String,
    pub(super) health: String,
    pub(super) health_since: String,
    pub(super) created_at: String,
}

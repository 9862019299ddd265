//! The state of which the app was last notified.

use serde::{Deserialize, Serialize};

use super::health::{Health, Wire};
use crate::owner::Owner;

/// The part of a row of which the app is notified.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NotifiedState {
    pub(crate) removed: bool,
    pub(crate) incarnation: i64,
    #[serde(with = "Wire")]
    pub(crate) health: Health,
    /// Erased with the owner of a tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<Owner>,
}

nango_client::__debug_only!(NotifiedState { removed, health, owner });

//! What a run is about, and what it has done so far.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::model::functions::{JobKind, Results, SyncKey};

/// What a run is about.
pub(crate) struct RunIdentity {
    pub(crate) key: SyncKey,
    pub(crate) connection_id: String,
    pub(crate) integration: String,
    pub(crate) models: Vec<String>,
    pub(crate) kind: JobKind,
    pub(crate) started_at: Timestamp,
    /// Body of the provider's webhook.
    pub(crate) webhook: Option<Value>,
}

/// What a run has done so far.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) results: Results,
    /// Checkpoint that the run began with, once it has read or saved one; `Null` for none.
    pub(crate) checkpoint_from: Option<Value>,
    /// Ids that the run has saved, by model.
    pub(crate) saved: HashMap<String, HashSet<String>>,
    /// Models whose deletes are tracked, with the ids saved before that began.
    pub(crate) tracked: HashMap<String, HashSet<String>>,
}

//! Syncs without code: steps that a configuration or a control call gives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::FunctionError;

/// One step of a run.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Records to save, by model.
    Save(BTreeMap<String, Vec<Map<String, Value>>>),
    /// Fields to merge into records, by model.
    Update(BTreeMap<String, Vec<Map<String, Value>>>),
    /// Ids of records to delete, by model.
    Delete(BTreeMap<String, Vec<String>>),
    TrackDeletesStart(String),
    TrackDeletesEnd(String),
    Checkpoint(Value),
    WaitMs(u64),
    Fail(FunctionError),
}

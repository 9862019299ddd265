//! One record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::position::Position;
use crate::time;

/// A record with Nango's metadata. Deleted records stay.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) external_id: String,
    pub(crate) position: Position,
    pub(crate) first_seen_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) pruned_at: Option<Timestamp>,
    /// Data as last saved. A pruned record keeps it here, to compare it with what is saved later.
    pub(crate) data: Map<String, Value>,
}

impl Record {
    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Returns true for a record that is not deleted and has not changed since it was added.
    pub(crate) fn is_unchanged(&self) -> bool {
        !self.is_deleted() && self.position.at == self.first_seen_at
    }

    fn last_action(&self) -> &'static str {
        match (self.is_deleted(), self.is_unchanged()) {
            (true, _) => "DELETED",
            (false, true) => "ADDED",
            (false, false) => "UPDATED",
        }
    }

    /// Returns the record as `GET /records` lists it.
    pub(crate) fn view(&self) -> Value {
        let mut view = if self.pruned_at.is_some() {
            let id = self.data.get("id").cloned().unwrap_or_else(|| self.external_id.as_str().into());
            Map::from_iter([("id".to_owned(), id)])
        } else {
            self.data.clone()
        };
        let metadata = json!({
            "first_seen_at": time::postgres_micros(self.first_seen_at),
            "last_modified_at": time::postgres_micros(self.position.at),
            "last_action": self.last_action(),
            "deleted_at": self.deleted_at.map(time::postgres_micros),
            "pruned_at": self.pruned_at.map(time::postgres_micros),
            "cursor": self.position.cursor(),
        });
        view.insert("_nango_metadata".to_owned(), metadata);
        view.into()
    }
}

/// Returns the id of a record as text: a string, or a number.
pub(crate) fn external_id(data: &Map<String, Value>) -> Option<String> {
    match data.get("id")? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) if id.as_f64() != Some(0.0) => Some(id.to_string()),
        _ => None,
    }
}

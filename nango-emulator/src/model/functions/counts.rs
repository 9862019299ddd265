//! What a run changed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Numbers of records that a save changed. Records with unchanged data are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// New records, and records that were deleted before.
    pub added: usize,
    /// Records that became deleted.
    pub deleted: usize,
    /// Records with other data than before.
    pub updated: usize,
}

impl Counts {
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn view(self) -> Value {
        json!({ "added": self.added, "deleted": self.deleted, "updated": self.updated })
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.deleted += other.deleted;
        self.updated += other.updated;
    }
}

/// Counts of a run by model, in the order in which the run first saved each.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results(Vec<(String, Counts)>);

impl Results {
    pub(crate) fn add(&mut self, model: &str, counts: Counts) {
        match self.0.iter_mut().find(|(name, _)| name == model) {
            Some((_, sum)) => *sum += counts,
            None => self.0.push((model.to_owned(), counts)),
        }
    }

    pub(crate) fn get(&self, model: &str) -> Counts {
        self.0.iter().find(|(name, _)| name == model).map(|(_, counts)| *counts).unwrap_or_default()
    }

    pub(crate) fn view(&self) -> Value {
        let entries = self.0.iter().map(|(model, counts)| (model.clone(), counts.view()));
        Value::Object(entries.collect::<Map<_, _>>())
    }
}

//! Sets of records in little memory.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::timestamp::Timestamp;

/// The records that were met, as 16 bytes of keyed hash each, with the time of their last change.
#[derive(Default)]
pub(super) struct Seen {
    keys: (RandomState, RandomState),
    records: HashMap<u128, i64>,
}

impl Seen {
    pub(super) fn insert(&mut self, id: &str, time: Timestamp) {
        self.records.insert(self.hash(id), time.as_micros());
    }

    /// Returns `true` for a record that was met, in whatever state.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.records.contains_key(&self.hash(id))
    }

    /// Returns `true` for a record that was met in this state.
    pub(super) fn contains_state(&self, id: &str, time: Timestamp) -> bool {
        self.records.get(&self.hash(id)) == Some(&time.as_micros())
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.records.remove(&self.hash(id));
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Drops what was last changed before a time.
    pub(super) fn forget_before(&mut self, time: Timestamp) {
        self.records.retain(|_, changed| *changed >= time.as_micros());
    }

    fn hash(&self, id: &str) -> u128 {
        let half = |key: &RandomState| u128::from(key.hash_one(id));
        half(&self.keys.0) << 64 | half(&self.keys.1)
    }
}

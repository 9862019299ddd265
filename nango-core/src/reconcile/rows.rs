//! Rows after a change.

use std::collections::BTreeMap;

use nango_client::Timestamp;
use serde_json::Map;

use crate::record::{Change, Record, State, Version};

/// Replaces a row by another one.
pub(super) fn put(row: &Record, next: Record) -> Change {
    Change::put(Some(row.version), Record { version: Version::random(), ..next })
}

/// Gives the row a new version, after a look that found nothing to change.
pub(super) fn touch(row: &Record) -> Change {
    put(row, Record { look_again_at: None, ..row.clone() })
}

pub(super) fn erase(row: &Record) -> Change {
    Change::erase(row.key.clone(), row.version)
}

/// Removes everything personal from a tombstone.
pub(super) fn anonymous(row: Record) -> Record {
    let state = State { tags: BTreeMap::new(), metadata: Map::new(), ..row.state().clone() };
    Record { owner: None, details: state.into(), ..row }
}

pub(super) fn earliest(one: Option<Timestamp>, other: Timestamp) -> Option<Timestamp> {
    Some(one.map_or(other, |one| one.min(other)))
}

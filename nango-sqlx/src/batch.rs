//! Many changes, sorted out into what one statement each can do.

use std::collections::HashMap;

use nango_core::{Applied, Change, ConnectionRef, Record, StoreError, StoreErrorKind};
use serde_json::{Value, json};

use crate::row::Columns;

/// The changes of a slice by kind, each kind as one JSON array of arrays:
/// `[integration, connection id, expected version, then the other columns]`.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) inserts: Vec<Value>,
    pub(crate) updates: Vec<Value>,
    pub(crate) erasures: Vec<Value>,
    /// Where the change is in the slice, by the version that its statement returns: the drawn one, or the erased one.
    places: HashMap<i64, usize>,
}

impl Batch {
    pub(crate) fn new(changes: &[Change]) -> Self {
        let mut batch = Self::default();
        for (place, change) in changes.iter().enumerate() {
            let expected = change.expected().map(nango_core::Version::raw);
            let returned = match (change.next(), expected) {
                (Some(next), expected) => {
                    let kind = match expected {
                        Some(_) => &mut batch.updates,
                        None => &mut batch.inserts,
                    };
                    kind.push(values(expected, next));
                    next.version.raw()
                }
                (None, Some(expected)) => {
                    let key = change.key();
                    batch.erasures.push(json!([key.integration(), key.connection_id(), expected]));
                    expected
                }
                (None, None) => continue,
            };
            batch.places.insert(returned, place);
        }
        batch
    }

    /// The results, given the versions that the statements returned.
    pub(crate) fn results(&self, changes: usize, returned: impl IntoIterator<Item = i64>) -> Vec<Applied> {
        let mut results = vec![Applied::Stale; changes];
        for version in returned {
            if let Some(result) = self.places.get(&version).and_then(|place| results.get_mut(*place)) {
                *result = Applied::Done;
            }
        }
        results
    }
}

fn values(expected: Option<i64>, next: &Record) -> Value {
    let c = Columns::from(next);
    json!([
        c.integration,
        c.connection_id,
        expected,
        c.version,
        c.owner_kind,
        c.owner_id,
        c.owner_scope,
        c.removed,
        c.announced,
        c.look_again_at,
        c.details,
    ])
}

/// Keys as a JSON array of arrays.
pub(crate) fn keys(keys: &[ConnectionRef]) -> Result<String, StoreError> {
    let pair = |key: &ConnectionRef| json!([key.integration(), key.connection_id()]);
    text(&keys.iter().map(pair).collect::<Vec<_>>())
}

pub(crate) fn text(values: &[Value]) -> Result<String, StoreError> {
    serde_json::to_string(values).map_err(|source| StoreError::new(StoreErrorKind::Other, source))
}

/// Puts records in the order of the keys that asked for them.
pub(crate) fn in_order(keys: &[ConnectionRef], records: Vec<Record>) -> Vec<Option<Record>> {
    let found: HashMap<_, _> = records.into_iter().map(|record| (record.key.clone(), record)).collect();
    // A key may be asked for twice.
    keys.iter().map(|key| found.get(key).cloned()).collect()
}

//! Many changes, sorted out into what one statement each can do.

use std::collections::HashMap;

use nango_core::{Applied, Change, ConnectionRef, Record, Version};

use super::row::Columns;

/// Changes sorted by key: transactions that take their rows in the same order never wait for each other in a circle.
pub(crate) struct Batch<'a> {
    pub(crate) inserts: Vec<Entry<'a>>,
    pub(crate) updates: Vec<Entry<'a>>,
    pub(crate) erasures: Vec<Entry<'a>>,
    /// Where a change is in its slice, by the version that tells it: the new one, or the one that is erased.
    places: HashMap<i64, usize>,
}

/// One change.
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a ConnectionRef,
    pub(crate) expected: Option<i64>,
    pub(crate) next: Option<Columns<'a>>,
}

impl Entry<'_> {
    /// The version that tells this change from all others of its batch.
    pub(crate) fn tells(&self) -> Option<i64> {
        self.next.as_ref().map(|next| next.version).or(self.expected)
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn new(changes: &'a [Change]) -> Self {
        let mut batch = Self {
            inserts: Vec::new(),
            updates: Vec::new(),
            erasures: Vec::new(),
            places: HashMap::with_capacity(changes.len()),
        };
        let mut sorted: Vec<_> = changes.iter().enumerate().collect();
        sorted.sort_by_key(|(_, change)| change.key());
        for (place, change) in sorted {
            let entry = Entry {
                key: change.key(),
                expected: change.expected().map(Version::raw),
                next: change.next().map(Columns::from),
            };
            let Some(version) = entry.tells() else { continue };
            batch.places.insert(version, place);
            match (&entry.next, entry.expected) {
                (Some(_), None) => batch.inserts.push(entry),
                (Some(_), Some(_)) => batch.updates.push(entry),
                (None, _) => batch.erasures.push(entry),
            }
        }
        batch
    }

    /// The results, given the versions that tell the changes which were done.
    pub(crate) fn results(&self, changes: usize, done: impl IntoIterator<Item = i64>) -> Vec<Applied> {
        let mut results = vec![Applied::Stale; changes];
        for version in done {
            let place = self.places.get(&version);
            if let Some(result) = place.and_then(|place| results.get_mut(*place)) {
                *result = Applied::Done;
            }
        }
        results
    }
}

/// `[[integration, connection id, expected version, then the other columns]]`. Flags are numbers: databases differ in
/// what JSON's `true` is.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn json<'a>(entries: impl IntoIterator<Item = &'a Entry<'a>>) -> Result<String, sqlx::Error> {
    let row = |entry: &Entry<'_>| {
        let (integration, connection_id) = (entry.key.integration(), entry.key.connection_id());
        match &entry.next {
            Some(next) => serde_json::json!([
                integration,
                connection_id,
                entry.expected,
                next.version,
                next.owner_kind,
                next.owner_id,
                next.owner_scope,
                i32::from(next.removed),
                i32::from(next.announced),
                next.look_again_at,
                next.details,
            ]),
            None => serde_json::json!([integration, connection_id, entry.expected]),
        }
    };
    let rows: Vec<_> = entries.into_iter().map(row).collect();
    to_text(&rows)
}

/// `[[integration, connection id]]`
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn json_keys(keys: &[ConnectionRef]) -> Result<String, sqlx::Error> {
    let pairs: Vec<_> =
        keys.iter().map(|key| serde_json::json!([key.integration(), key.connection_id()])).collect();
    to_text(&pairs)
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn to_text(rows: &[serde_json::Value]) -> Result<String, sqlx::Error> {
    serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Puts records in the order of the keys that asked for them. A key may be asked for twice.
pub(crate) fn in_order(keys: &[ConnectionRef], records: Vec<Record>) -> Vec<Option<Record>> {
    let found: HashMap<_, _> = records.into_iter().map(|record| (record.key.clone(), record)).collect();
    keys.iter().map(|key| found.get(key).cloned()).collect()
}

//! Many changes, sorted out into what one statement each can do.

use std::collections::HashMap;

use nango_core::{Applied, Change, ConnectionRef, Version};

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

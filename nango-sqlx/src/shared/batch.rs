//! Changes by the kind of statement that applies them, and the retries of a batch that conflicts.

use std::collections::HashMap;
use std::time::Duration;

use nango_core::{Applied, Change, ConnectionKey, Record, Version};

/// Changes sorted by key: transactions that lock their rows in one order do not deadlock.
pub(crate) struct Batch<'a> {
    pub(crate) inserts: Vec<Entry<'a>>,
    pub(crate) updates: Vec<Entry<'a>>,
    pub(crate) erasures: Vec<Entry<'a>>,
    /// Positions of the changes in their slice, by [`marker_version`](Entry::marker_version).
    positions: HashMap<i64, usize>,
}

/// A change.
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a ConnectionKey,
    pub(crate) expected: Option<i64>,
    pub(crate) next: Option<&'a Record>,
}

impl Entry<'_> {
    /// The version that distinguishes this change from all others of its batch: the new one, or the
    /// one that is erased.
    pub(crate) fn marker_version(&self) -> Option<i64> {
        self.next.map(|next| next.version.raw()).or(self.expected)
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn new(changes: &'a [Change]) -> Self {
        let mut batch = Self {
            inserts: Vec::new(),
            updates: Vec::new(),
            erasures: Vec::new(),
            positions: HashMap::with_capacity(changes.len()),
        };
        let mut sorted: Vec<_> = changes.iter().enumerate().collect();
        sorted.sort_by_key(|(_, change)| change.key());
        for (position, change) in sorted {
            let entry = Entry {
                key: change.key(),
                expected: change.expected().map(Version::raw),
                next: change.next(),
            };
            let Some(version) = entry.marker_version() else { continue };
            batch.positions.insert(version, position);
            match (entry.next, entry.expected) {
                (Some(_), None) => batch.inserts.push(entry),
                (Some(_), Some(_)) => batch.updates.push(entry),
                (None, _) => batch.erasures.push(entry),
            }
        }
        batch
    }

    /// The results of so many changes, of which those with these marker versions are done.
    pub(crate) fn results(&self, changes: usize, done: impl IntoIterator<Item = i64>) -> Vec<Applied> {
        let mut results = vec![Applied::Stale; changes];
        for version in done {
            let position = self.positions.get(&version);
            if let Some(result) = position.and_then(|position| results.get_mut(*position)) {
                *result = Applied::Done;
            }
        }
        results
    }
}

/// Of transactions that conflict, at least one commits in each round: only a crowd that keeps
/// growing can need more.
const MAX_RETRIES: u64 = 16;

/// Retries what fails with a conflict. The server has written nothing then, so a retry cannot apply
/// a change twice.
pub(crate) async fn retry_conflicts<T, F>(
    is_conflict: fn(&sqlx::Error) -> bool,
    attempt: impl Fn() -> F,
) -> sqlx::Result<T>
where
    F: Future<Output = sqlx::Result<T>>,
{
    for retry in 1..=MAX_RETRIES {
        match attempt().await {
            Err(error) if is_conflict(&error) => tokio::time::sleep(Duration::from_millis(retry)).await,
            result => return result,
        }
    }
    attempt().await
}

//! The report of a sweep.

use nango_client::ConnectionKey;

use super::cursor::SweepCursor;

/// The number of examples of a drift.
const EXAMPLES: usize = 10;

/// The findings of a sweep, which it has also repaired unless it was a dry run.
#[derive(Debug, Default)]
#[non_exhaustive]
#[must_use]
pub struct SweepReport {
    /// Connections that Nango listed.
    pub listed: usize,
    /// Rows of the store that were read.
    pub rows: usize,
    /// Requests that were made.
    pub requests: u32,
    /// Connections that Nango has and the store had not.
    pub missing_in_store: Drift,
    /// Connections that the store had and Nango has not.
    pub missing_at_nango: Drift,
    /// Connections whose tags do not name an owner, or name another one than the row.
    pub owner_unknown: Drift,
    /// Further connections of an owner to the same integration. Not repaired: only the app can
    /// choose one.
    pub duplicate: Drift,
    /// Rows whose health, tags or provider were brought up to date.
    pub updated: usize,
    /// Tombstones that were erased.
    pub erased: usize,
    /// Removals that were withheld, because they are more than ten and more than 5 % of all. Is it
    /// the wrong environment, or the wrong key? If not:
    /// [`allow_mass_removal`](super::SweepRequest::allow_mass_removal).
    pub removals_withheld: usize,
    /// Connections whose look by id was not made or failed: Nango did not answer, or the budget was
    /// used up. Their rows are unchanged.
    pub unresolved: usize,
    /// The place to go on from, when the budget was used up.
    pub resume: Option<SweepCursor>,
}

/// One class of differences.
#[derive(Debug, Default, Clone)]
#[non_exhaustive]
pub struct Drift {
    /// The number of differences.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<DriftExample>,
}

/// An example of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftExample {
    /// The connection. The `Debug` output leaves its id out.
    pub key: ConnectionKey,
}

impl Drift {
    pub(super) fn add(&mut self, key: &ConnectionKey) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(DriftExample { key: key.clone() });
        }
    }
}

/// The progress of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepProgress {
    /// Connections that Nango has listed so far.
    pub listed: usize,
    /// Rows of the store that were read so far.
    pub rows: usize,
    /// Requests that were made so far.
    pub requests: u32,
}

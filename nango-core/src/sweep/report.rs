//! The report of a sweep, and the place where it stopped.

use std::fmt;

use nango_client::ConnectionKey;

use super::fingerprints::Fingerprints;

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
    /// `true` if not even the key of an unreadable connection could be read: any row may be that
    /// connection's, so that this sweep removed no connection for its absence from the list.
    pub removals_skipped: bool,
    /// Connections that Nango listed and that cannot be read, such as one whose metadata is nested
    /// too deep or larger than 32 MiB. They count as listed, and their rows are unchanged.
    pub unreadable: usize,
    /// Connections whose look by id was not made or failed: Nango did not answer, the connection
    /// cannot be read, or the budget was used up. Their rows are unchanged.
    pub unresolved: usize,
    /// The place to go on from, when the budget was used up.
    pub resume: Option<SweepCursor>,
}

/// One line for a log: all numbers that are not zero.
impl fmt::Display for SweepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} connections listed, {} rows read, {} requests", self.listed, self.rows, self.requests)?;
        for (number, what) in [
            (self.missing_in_store.count, "new here"),
            (self.missing_at_nango.count, "gone at nango"),
            (self.updated, "updated"),
            (self.erased, "tombstones erased"),
            (self.duplicate.count, "further connections to an integration that their owner has already"),
            (self.owner_unknown.count, "of other apps, or without a known owner"),
            (self.unreadable, "unreadable"),
            (self.unresolved, "not looked at"),
            (self.removals_withheld, "removals withheld"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        f.write_str(if self.resume.is_some() { ", stopped by the budget" } else { "" })
    }
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

/// The place where a sweep stopped. It can be resumed in the same process.
#[derive(Default)]
pub struct SweepCursor {
    pub(super) page: u32,
    pub(super) listed: usize,
    pub(super) unreadable: usize,
    /// Unreadable connections without a key.
    pub(super) unnamed: usize,
    pub(super) fingerprints: Fingerprints,
}

nango_client::__debug_only!(SweepCursor { page });

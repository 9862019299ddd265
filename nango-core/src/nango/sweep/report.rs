//! What a sweep found.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use crate::connection::ConnectionRef;
use crate::entity::Owner;

/// How many examples of a drift are given.
const EXAMPLES: usize = 10;

/// What a sweep found, and did unless it was a dry run.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SweepReport {
    /// Connections that Nango listed.
    pub listed: usize,
    /// Rows of ours that were looked at.
    pub rows: usize,
    /// Requests that were made.
    pub requests: u32,
    /// Nango has them and we had not.
    pub missing_here: Drift,
    /// We had them and Nango has not.
    pub missing_there: Drift,
    /// Nango has them, and their tags do not lead to an owner, or lead to another one than ours.
    pub owner_unknown: Drift,
    /// One more connection of an owner to an integration that it has one of already. Not repaired: which one is right only
    /// the app knows.
    pub duplicate: Drift,
    /// Rows whose health, tags or provider were brought up to date.
    pub updated: usize,
    /// Tombstones that were erased.
    pub erased: usize,
    /// So many connections would have been removed that none was: more than ten, and more than 5 % of all. Is it the
    /// wrong environment, or the wrong key? If not: [`allow_mass_removal`](super::SweepRequest::allow_mass_removal).
    pub removals_withheld: usize,
    /// Connections that had to be looked up by their ids and could not be: Nango did not answer, or the budget ran out.
    /// They are as they were.
    pub unresolved: usize,
    /// Where to go on, when the budget ran out.
    pub resume: Option<ResumePoint>,
}

/// One class of differences.
#[derive(Debug, Default, Clone)]
#[non_exhaustive]
pub struct Drift {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<DriftExample>,
}

/// A difference, by what may be shown of it. `key` has the id, and its `Debug` output has not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftExample {
    /// The connection.
    pub key: ConnectionRef,
}

impl Drift {
    pub(super) fn add(&mut self, key: &ConnectionRef) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(DriftExample { key: key.clone() });
        }
    }
}

/// How far a sweep has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepProgress {
    /// Connections that Nango has listed so far.
    pub listed: usize,
    /// Rows of ours that were looked at so far.
    pub rows: usize,
    /// Requests that were made so far.
    pub requests: u32,
}

/// Where a sweep stopped. It can be resumed in the process that made it.
#[derive(Default)]
pub struct ResumePoint {
    pub(super) page: u32,
    pub(super) listed: usize,
    pub(super) fingerprints: Fingerprints,
}

impl fmt::Debug for ResumePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumePoint").field("page", &self.page).finish_non_exhaustive()
    }
}

/// What a sweep remembers of each connection: eight bytes of a keyed hash of its name, eight of its owner's and integration's.
/// Two that collide are not told apart in this sweep, and have another key in the next.
#[derive(Default)]
pub(super) struct Fingerprints {
    hasher: RandomState,
    connections: HashSet<u64>,
    owned: HashSet<u64>,
}

impl Fingerprints {
    /// Whether this connection was not seen before.
    pub(super) fn is_new(&mut self, key: &ConnectionRef) -> bool {
        self.connections.insert(self.hasher.hash_one(key))
    }

    pub(super) fn has(&self, key: &ConnectionRef) -> bool {
        self.connections.contains(&self.hasher.hash_one(key))
    }

    /// Whether this owner has no connection to the integration yet.
    pub(super) fn is_first_of(&mut self, owner: &Owner, integration: &str) -> bool {
        self.owned.insert(self.hasher.hash_one((owner, integration)))
    }
}

//! The memory of a sweep.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use nango_client::ConnectionKey;

use crate::owner::Owner;

/// The place where a sweep stopped. It can be resumed in the same process.
#[derive(Default)]
pub struct SweepCursor {
    pub(super) page: u32,
    pub(super) listed: usize,
    pub(super) fingerprints: Fingerprints,
}

impl fmt::Debug for SweepCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SweepCursor").field("page", &self.page).finish_non_exhaustive()
    }
}

/// Two keyed hashes of eight bytes for each connection: of its key, and of its owner and
/// integration. Two that collide are not told apart in this sweep, and have another key in the
/// next.
#[derive(Default)]
pub(super) struct Fingerprints {
    hasher: RandomState,
    connections: HashSet<u64>,
    owned: HashSet<u64>,
}

impl Fingerprints {
    /// Adds a connection, and returns whether it was not there before.
    pub(super) fn insert(&mut self, key: &ConnectionKey) -> bool {
        self.connections.insert(self.hasher.hash_one(key))
    }

    pub(super) fn contains(&self, key: &ConnectionKey) -> bool {
        self.connections.contains(&self.hasher.hash_one(key))
    }

    /// Adds an owner's connection to an integration, and returns whether it is the first one.
    pub(super) fn insert_owned(&mut self, owner: &Owner, integration: &str) -> bool {
        self.owned.insert(self.hasher.hash_one((owner, integration)))
    }
}

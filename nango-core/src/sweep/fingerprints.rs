//! A sweep's memory of the connections that it has met.

use std::hash::{BuildHasher as _, RandomState};

use nango_client::ConnectionKey;

use crate::owner::Owner;

/// Two keyed hashes for each connection: of its key, and of its owner and integration. Two that
/// collide are not told apart in this sweep, and have another key in the next.
#[derive(Default)]
pub(super) struct Fingerprints {
    hasher: RandomState,
    connections: ShortHashes,
    owned: ShortHashes,
}

impl Fingerprints {
    /// Adds a connection, and returns whether it was not there before.
    pub(super) fn insert(&mut self, key: &ConnectionKey) -> bool {
        self.connections.insert(self.hasher.hash_one(key))
    }

    pub(super) fn contains(&self, key: &ConnectionKey) -> bool {
        self.connections.contains(self.hasher.hash_one(key))
    }

    /// Adds an owner's connection to an integration, and returns whether it is the first one.
    pub(super) fn insert_owned(&mut self, owner: &Owner, integration: &str) -> bool {
        self.owned.insert(self.hasher.hash_one((owner, integration)))
    }
}

/// Hashes of which it keeps 44 bits in four bytes each: the first 12 choose a list, and the sorted
/// list has the next 32. Among a million hashes two that collide are in one of forty sets. Each list
/// grows by itself and by a quarter, since a table that doubles has three times its size meanwhile.
#[derive(Default)]
struct ShortHashes {
    lists: Vec<Vec<u32>>,
}

const LISTS: usize = 1 << 12;

impl ShortHashes {
    fn insert(&mut self, hash: u64) -> bool {
        if self.lists.is_empty() {
            self.lists.resize_with(LISTS, Vec::new);
        }
        let (list, rest) = place(hash);
        let Some(list) = self.lists.get_mut(list) else { return false };
        let Err(position) = list.binary_search(&rest) else { return false };
        if list.len() == list.capacity() {
            list.reserve_exact(list.len() / 4 + 4);
        }
        list.insert(position, rest);
        true
    }

    fn contains(&self, hash: u64) -> bool {
        let (list, rest) = place(hash);
        self.lists.get(list).is_some_and(|list| list.binary_search(&rest).is_ok())
    }
}

/// The list of a hash, and what the list has of it.
fn place(hash: u64) -> (usize, u32) {
    ((hash >> 52) as usize, (hash >> 20) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> ConnectionKey {
        ConnectionKey::new("slack", format!("connection-{n}"))
    }

    #[test]
    fn each_connection_is_met_once() {
        let mut fingerprints = Fingerprints::default();
        assert!(!fingerprints.contains(&key(0)));
        for n in 0..20_000 {
            assert!(fingerprints.insert(&key(n)), "{n}");
        }
        for n in 0..20_000 {
            assert!(!fingerprints.insert(&key(n)) && fingerprints.contains(&key(n)), "{n}");
            assert!(!fingerprints.contains(&key(20_000 + n)), "{n}");
        }
        assert!(!fingerprints.contains(&ConnectionKey::new("slackconnection", "-1")));
    }

    #[test]
    fn an_owner_has_one_connection_to_an_integration() {
        let mut fingerprints = Fingerprints::default();
        let alice = Owner::new("user", "alice");
        assert!(fingerprints.insert_owned(&alice, "slack"));
        assert!(!fingerprints.insert_owned(&alice, "slack"));
        assert!(fingerprints.insert_owned(&alice, "github"));
        assert!(fingerprints.insert_owned(&alice.clone().with_scope(Some("acme")), "slack"));
        assert!(fingerprints.insert_owned(&Owner::new("user", "bob"), "slack"));
    }

    #[test]
    fn a_connection_takes_few_bytes() {
        let mut hashes = ShortHashes::default();
        let hasher = RandomState::new();
        for n in 0..300_000 {
            hashes.insert(hasher.hash_one(n));
        }
        let bytes: usize = hashes.lists.iter().map(|list| list.capacity() * 4 + size_of::<Vec<u32>>()).sum();
        assert!(bytes < 300_000 * 6, "{bytes}");
    }
}

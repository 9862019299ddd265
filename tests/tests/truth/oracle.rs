//! The oracle: it knows which states are right, at every moment and at the end.

use std::collections::{HashMap, HashSet};

use nango_core::{ConnectionKey, ConnectionStore, Health, Owner, Record};
use nango_tests::User;

use crate::harness::Harness;

/// A connection of this key, as opposed to one that was made under the same key before or after.
/// Nango numbers them.
pub(crate) type Incarnation = (ConnectionKey, i64);

/// The facts, and the writes that contradict them.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    /// The owner of each incarnation: the user that made it, until it is transferred.
    pub(crate) owners: HashMap<Incarnation, String>,
    /// The user that an incarnation's tags at Nango name instead.
    pub(crate) retagged: HashMap<Incarnation, String>,
    pub(crate) disconnected: HashSet<Incarnation>,
    /// The last notification of each connection.
    pub(crate) notified: HashMap<ConnectionKey, (Owner, Health)>,
    /// Incarnations that were retagged before the first look at them: that look decides between two
    /// owners.
    pub(crate) ambiguous: HashMap<Incarnation, [String; 2]>,
    /// Incarnations that are being disconnected.
    disconnecting: HashSet<Incarnation>,
    /// Incarnations that are being transferred, with the old owner and the new one.
    transferring: HashMap<Incarnation, (String, String)>,
    newest: HashMap<ConnectionKey, i64>,
    violations: Vec<String>,
}

impl Oracle {
    /// Returns the incarnation that was written last.
    pub(crate) fn newest(&self, key: &ConnectionKey) -> i64 {
        self.newest.get(key).copied().unwrap_or_default()
    }

    /// Allows a disconnect: from the removal that is written next, the connection must not come
    /// back.
    pub(crate) fn may_disconnect(&mut self, incarnation: &Incarnation) {
        self.disconnecting.insert(incarnation.clone());
    }

    /// Allows a transfer: once the new owner is written, it stays so.
    pub(crate) fn may_transfer(&mut self, incarnation: &Incarnation, from: &str, to: &str) {
        self.transferring.insert(incarnation.clone(), (from.to_owned(), to.to_owned()));
    }

    /// Checks a row that was written: it must be right, even for a moment.
    pub(crate) fn watch(&mut self, row: &Record) {
        let name = (row.key.clone(), incarnation(row));
        let newest = self.newest.entry(row.key.clone()).or_insert(name.1);
        if name.1 < *newest {
            self.violations.push(format!("incarnation {} was written over {newest}", name.1));
        }
        *newest = name.1.max(*newest);
        if row.removed {
            if self.disconnecting.contains(&name) {
                self.disconnected.insert(name);
            }
            return;
        }
        let owner = row.owner.as_ref().map(Owner::id);
        if let Some(named) = owner.filter(|owner| {
            self.ambiguous.get(&name).is_some_and(|either| either.iter().any(|one| one == owner))
        }) {
            self.ambiguous.remove(&name);
            self.owners.insert(name.clone(), named.to_owned());
        }
        if let (Some(known), Some((from, to))) = (self.owners.get_mut(&name), self.transferring.get(&name))
            && known == from
            && owner == Some(to)
        {
            known.clone_from(to);
        }
        match self.owners.get(&name) {
            None => self.violations.push("a connection was written that Nango never had".to_owned()),
            Some(known) if owner != Some(known) => {
                self.violations.push(format!("{known}'s connection was written as {owner:?}'s"));
            }
            Some(_) => {}
        }
        if self.disconnected.contains(&name) {
            self.violations.push("a disconnected connection came back".to_owned());
        }
    }
}

/// Reads Nango's number out of a row. No public API tells incarnations of a key apart, so this is
/// the one place of the tests that knows a field of the private JSON.
pub(crate) fn incarnation(row: &Record) -> i64 {
    let details: serde_json::Value = serde_json::from_str(&row.details.to_json()).unwrap();
    details["incarnation"].as_i64().unwrap()
}

impl Harness {
    /// Checks what must hold at every moment: every write was right, and no disconnected connection
    /// is live.
    pub(crate) async fn check_now(&self) {
        let rows = self.store.page(None, 1000).await.unwrap();
        let oracle = self.store.oracle();
        assert!(oracle.violations.is_empty(), "{:?}", oracle.violations);
        for row in rows.into_iter().filter(|row| !row.removed) {
            let is_disconnected = oracle.disconnected.contains(&(row.key.clone(), incarnation(&row)));
            assert!(!is_disconnected, "a disconnected connection is live");
        }
    }

    /// Checks what must hold when all operations have ended: each change was notified by the instance
    /// that made it, or by the one whose notification was in flight.
    pub(crate) async fn check_announced(&self) {
        let rows = self.store.page(None, 1000).await.unwrap();
        assert!(rows.iter().all(|row| row.announced), "a change waits for the sweeper");
    }

    /// Checks what must hold at the end: the store agrees with Nango, and the app was notified of
    /// that state last.
    pub(crate) async fn check_end(&self) {
        let rows = self.store.page(None, 1000).await.unwrap();
        for row in &rows {
            let notified = self.store.oracle().notified.get(&row.key).cloned();
            let (owner, health) = notified.expect("the app was never notified of a connection");
            assert_eq!(health == Health::Gone, row.removed, "the last notification says {health:?}");
            assert!(
                row.removed || Some(&owner) == row.owner.as_ref(),
                "the last notification names {owner:?}"
            );
        }
        let live: HashMap<_, _> =
            rows.into_iter().filter(|row| !row.removed).map(|row| (row.key.clone(), row)).collect();
        let truth = self.truth().await;
        assert_eq!(live.len(), truth.len(), "as many connections");
        for connection in truth {
            let row = live.get(&connection.key).expect("the store has no row of a connection");
            assert_eq!(incarnation(row), connection.incarnation, "the incarnation");
            let user = User::named(row.owner.as_ref().unwrap().id()).unwrap();
            let owned = self.nango.connections(&user).await.unwrap();
            let owned = owned.iter().find(|one| *one.key() == connection.key).unwrap();
            let is_broken = connection.errors.iter().any(|error| error.kind == "auth");
            let is_ill = matches!(owned.health(), Health::Degraded | Health::NeedsReconnect);
            assert_eq!(is_ill, is_broken, "{:?}", owned.health());
            let oracle = self.store.oracle();
            assert_eq!(oracle.notified[&connection.key].1, owned.health(), "the last notification");
            let tagged = oracle.retagged.get(&(connection.key, connection.incarnation)).unwrap_or(&user.id);
            assert_eq!(
                connection.tags.get("end_user_id"),
                Some(tagged.as_str()),
                "tags were not repaired, or another user's were overwritten"
            );
        }
    }
}

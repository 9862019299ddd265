//! A store in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nango_client::{ConnectionKey, Timestamp};

use super::contract::{ConnectionStore, Lease};
use super::error::StoreError;
use crate::owner::Owner;
use crate::record::{Applied, Change, Record};
use crate::sync::lock;

/// Keeps rows in memory, for tests and first steps. All rows are lost with the process. Clones
/// share their rows.
///
/// [`pending`](ConnectionStore::pending) reads every row.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rows: Mutex<Rows>,
    leases: Mutex<HashMap<String, Claim>>,
}

#[derive(Debug, Default)]
struct Rows {
    by_key: HashMap<ConnectionKey, Arc<Record>>,
    /// The keys in their order, for pages.
    order: BTreeSet<ConnectionKey>,
    /// The rows that an owner has, and that are not removed, once more: a list needs no look-up by key.
    of_owner: HashMap<Owner, BTreeMap<ConnectionKey, Arc<Record>>>,
}

impl Rows {
    fn put(&mut self, row: Record) {
        let row = Arc::new(row);
        let before = self.by_key.insert(row.key.clone(), row.clone());
        let owner = owner_of(&row);
        match before {
            Some(before) if owner_of(&before) != owner => self.unlist(&before),
            Some(_) => {}
            None => {
                self.order.insert(row.key.clone());
            }
        }
        if let Some(owner) = owner {
            self.of_owner.entry(owner.clone()).or_default().insert(row.key.clone(), row);
        }
    }

    fn erase(&mut self, key: &ConnectionKey) {
        if let Some(before) = self.by_key.remove(key) {
            self.order.remove(key);
            self.unlist(&before);
        }
    }

    /// Takes a row from those of its owner.
    fn unlist(&mut self, row: &Record) {
        if let Some(owner) = owner_of(row)
            && let Some(rows) = self.of_owner.get_mut(owner)
        {
            rows.remove(&row.key);
            if rows.is_empty() {
                self.of_owner.remove(owner);
            }
        }
    }
}

/// Returns the owner that a row is listed for.
fn owner_of(row: &Record) -> Option<&Owner> {
    row.owner.as_ref().filter(|_| !row.removed)
}

#[derive(Debug)]
struct Claim {
    holder: String,
    until: Instant,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        lock(&self.0.rows)
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<String, Claim>> {
        lock(&self.0.leases)
    }
}

#[async_trait]
impl ConnectionStore for MemoryStore {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        let rows = self.rows();
        Ok(keys.iter().map(|key| rows.by_key.get(key).map(|row| Record::clone(row))).collect())
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let mut rows = self.rows();
        let apply = |change: &Change| {
            if rows.by_key.get(change.key()).map(|row| row.version) != change.expected() {
                return Applied::Stale;
            }
            match change.next() {
                Some(next) => rows.put(next.clone()),
                None => rows.erase(change.key()),
            }
            Applied::Done
        };
        Ok(changes.iter().map(apply).collect())
    }

    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        let mut rows = self.rows();
        let mark = |key| {
            let Some(row) = rows.by_key.get(key) else { return false };
            if let Some(marked) = Change::mark(row, at).into_next() {
                rows.put(marked);
            }
            true
        };
        Ok(keys.iter().map(mark).collect())
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let rows = self.rows();
        let rows = rows.of_owner.get(owner).into_iter().flat_map(BTreeMap::values);
        Ok(rows.map(|row| Record::clone(row)).collect())
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows();
        let keys = rows.order.range((start, Bound::Unbounded)).take(limit);
        Ok(keys.filter_map(|key| rows.by_key.get(key)).map(|row| Record::clone(row)).collect())
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        let due = |row: &Record| row.look_again_at.filter(|at| *at <= now);
        let rows = self.rows();
        let is_pending = |row: &&Arc<Record>| !row.announced || due(row).is_some();
        let mut pending: Vec<_> = rows.by_key.values().filter(is_pending).collect();
        pending.sort_by_key(|row| (due(row).is_none(), due(row)));
        Ok(pending.into_iter().take(limit).map(|row| Record::clone(row)).collect())
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }
}

#[async_trait]
impl Lease for MemoryStore {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        let now = Instant::now();
        let mut leases = self.leases();
        if leases.get(name).is_some_and(|claim| claim.holder != holder && claim.until > now) {
            return Ok(false);
        }
        let until = now.checked_add(span).unwrap_or(now);
        leases.insert(name.to_owned(), Claim { holder: holder.to_owned(), until });
        Ok(true)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let mut leases = self.leases();
        if leases.get(name).is_some_and(|claim| claim.holder == holder) {
            leases.remove(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_row_is_listed_for_the_owner_that_it_has_now() {
        let store = MemoryStore::new();
        let (alice, bob) = (Owner::new("user", "alice"), Owner::new("user", "bob"));
        let row = Record::mark(ConnectionKey::new("slack", "c"), Timestamp::now());
        let live = |owner: &Owner| Record { owner: Some(owner.clone()), removed: false, ..row.clone() };
        let written = async |expected: Option<&Record>, next: Record| {
            let change = Change::replace(expected.map(|row| row.version), next);
            assert_eq!(store.apply(&[change]).await.unwrap(), [Applied::Done]);
        };
        let listed = async || {
            let count = async |owner| store.list(owner).await.unwrap().len();
            (count(&alice).await, count(&bob).await)
        };
        written(None, live(&alice)).await;
        assert_eq!(listed().await, (1, 0));
        written(Some(&row), live(&bob)).await;
        assert_eq!(listed().await, (0, 1));
        let key = std::slice::from_ref(&row.key);
        store.mark(key, Timestamp::now()).await.unwrap();
        let marked = store.get(key).await.unwrap().pop().flatten().unwrap();
        assert_eq!(listed().await, (0, 1), "a mark leaves the owner");
        written(Some(&marked), Record { removed: true, ..live(&bob) }).await;
        assert_eq!(listed().await, (0, 0));
        written(Some(&row), live(&alice)).await;
        store.apply(&[Change::erase(row.key.clone(), row.version)]).await.unwrap();
        assert_eq!(listed().await, (0, 0));
        assert!(store.rows().of_owner.is_empty(), "nothing is kept of owners without rows");
        assert!(store.rows().order.is_empty(), "nor of rows that are gone");
    }
}

//! A store in memory.

use std::collections::BTreeMap;
use std::collections::HashMap;
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
/// [`list`](ConnectionStore::list) and [`pending`](ConnectionStore::pending) read every row.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rows: Mutex<BTreeMap<ConnectionKey, Record>>,
    leases: Mutex<HashMap<String, Claim>>,
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

    fn rows(&self) -> MutexGuard<'_, BTreeMap<ConnectionKey, Record>> {
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
        Ok(keys.iter().map(|key| rows.get(key).cloned()).collect())
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let mut rows = self.rows();
        let apply = |change: &Change| {
            if rows.get(change.key()).map(|row| row.version) != change.expected() {
                return Applied::Stale;
            }
            match change.next() {
                Some(next) => rows.insert(change.key().clone(), next.clone()),
                None => rows.remove(change.key()),
            };
            Applied::Done
        };
        Ok(changes.iter().map(apply).collect())
    }

    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        let mut rows = self.rows();
        let mark = |key| {
            let change = rows.get(key).map(|row| Change::mark(row, at))?;
            rows.insert(change.key().clone(), change.next()?.clone())
        };
        Ok(keys.iter().map(mark).map(|marked| marked.is_some()).collect())
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let theirs = |row: &&Record| !row.removed && row.owner.as_ref() == Some(owner);
        Ok(self.rows().values().filter(theirs).cloned().collect())
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows();
        Ok(rows.range((start, Bound::Unbounded)).take(limit).map(|(_, row)| row.clone()).collect())
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        let due = |row: &Record| row.look_again_at.filter(|at| *at <= now);
        let rows = self.rows();
        let mut pending: Vec<_> = rows.values().filter(|row| !row.announced || due(row).is_some()).collect();
        pending.sort_by_key(|row| (due(row).is_none(), due(row)));
        Ok(pending.into_iter().take(limit).cloned().collect())
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

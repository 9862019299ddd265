//! A store that forgets when the process ends.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Applied, Change, ConnectionStore, Lease, Record, StoreError};
use crate::connection::ConnectionRef;
use crate::entity::Owner;
use crate::time::Timestamp;

/// Keeps rows in memory: for tests and for trying things out. All rows are lost with the process.
///
/// [`list`](ConnectionStore::list) and [`pending`](ConnectionStore::pending) read every row.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<BTreeMap<ConnectionRef, Record>>,
    leases: Mutex<HashMap<String, Claim>>,
}

#[derive(Debug)]
struct Claim {
    holder: String,
    until: Instant,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<ConnectionRef, Record>> {
        // Every write below is a single insertion or removal, so a panic elsewhere leaves nothing half done.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<String, Claim>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ConnectionStore for MemoryStore {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
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

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let theirs = |row: &&Record| !row.removed && row.owner.as_ref() == Some(owner);
        Ok(self.rows().values().filter(theirs).cloned().collect())
    }

    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
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

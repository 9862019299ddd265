//! How often an owner may ask.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::entity::Owner;

/// New sessions a minute and owner, and how many of them at once.
pub(super) const SESSIONS_A_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
pub(super) const SESSION_BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

/// How far apart the looks for one owner begin.
pub(super) const SYNC_PERIOD: Duration = Duration::from_secs(2);

/// How many looks deliveries may cost. Nango's own limit is 200 calls a minute, for everything that the account does.
const LOOKS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// How many connections that we do not know may have a mark: whoever can sign could fill the store with them.
const UNKNOWN_MARKS: usize = 10_000;

/// How many owners are remembered before those are dropped that have not asked lately.
const MANY: usize = 1024;

/// Sessions: so many a minute and owner, and so many of them at once.
pub(crate) struct SessionLimit(RateLimiter<Owner, HashMapStateStore<Owner>, DefaultClock>);

impl SessionLimit {
    pub(super) fn new(a_minute: NonZeroU32, at_once: NonZeroU32) -> Self {
        Self(RateLimiter::hashmap(Quota::per_minute(a_minute).allow_burst(at_once)))
    }

    /// Whether the owner may have one more session; if not, in how long.
    pub(crate) fn take(&self, owner: &Owner) -> Result<(), Duration> {
        if self.0.len() > MANY {
            self.0.retain_recent();
        }
        let now = self.0.clock().now();
        self.0.check_key(owner).map_err(|full| full.wait_time_from(now))
    }
}

/// Looks for one owner's connections: one at a time, and not too often.
pub(crate) struct SyncLimit {
    period: Duration,
    owners: Mutex<HashMap<Owner, Looks>>,
}

struct Looks {
    running: bool,
    began: Instant,
}

/// A look that may go on. The owner's next one may begin when this is dropped.
pub(crate) struct SyncPermit<'a> {
    limit: &'a SyncLimit,
    owner: Owner,
}

impl SyncLimit {
    pub(super) fn new(period: Duration) -> Self {
        Self { period, owners: Mutex::default() }
    }

    pub(crate) fn take(&self, owner: &Owner) -> Option<SyncPermit<'_>> {
        let now = Instant::now();
        let waits = |looks: &Looks| looks.running || now.duration_since(looks.began) < self.period;
        let mut owners = self.owners();
        if owners.get(owner).is_some_and(waits) {
            return None;
        }
        if owners.len() > MANY {
            owners.retain(|_, looks| waits(looks));
        }
        owners.insert(owner.clone(), Looks { running: true, began: now });
        Some(SyncPermit { limit: self, owner: owner.clone() })
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<Owner, Looks>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SyncPermit<'_> {
    fn drop(&mut self) {
        if let Some(looks) = self.limit.owners().get_mut(&self.owner) {
            looks.running = false;
        }
    }
}

/// What deliveries may cost before they are only marked, and how many marks there may be.
pub(crate) struct Budget {
    looks: DefaultDirectRateLimiter,
    unknown_marks: AtomicUsize,
}

impl Budget {
    pub(super) fn new() -> Self {
        let looks = RateLimiter::direct(Quota::per_minute(LOOKS_A_MINUTE));
        Self { looks, unknown_marks: AtomicUsize::new(0) }
    }

    /// Whether a delivery may look at once.
    pub(super) fn may_look(&self) -> bool {
        self.looks.check().is_ok()
    }

    /// Whether a connection that we do not know may have a mark, which this counts.
    pub(super) fn may_mark_unknown(&self) -> bool {
        self.unknown_marks.fetch_add(1, Ordering::Relaxed) < UNKNOWN_MARKS
    }

    /// As many marks of connections that we do not know are left.
    pub(super) fn unknown_marks_are(&self, left: usize) {
        self.unknown_marks.store(left, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_sessions_and_then_some_patience() {
        let limit = SessionLimit::new(SESSIONS_A_MINUTE, SESSION_BURST);
        let (alice, bob) = (Owner::new("user", 1), Owner::new("user", 2));
        for _ in 0..20 {
            assert!(limit.take(&alice).is_ok());
        }
        let wait = limit.take(&alice).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(2), "{wait:?}");
        assert!(limit.take(&bob).is_ok());
    }

    #[test]
    fn one_look_at_a_time_for_an_owner() {
        let limit = SyncLimit::new(SYNC_PERIOD);
        let (alice, bob) = (Owner::new("user", 1), Owner::new("user", 2));
        let permit = limit.take(&alice);
        assert!(permit.is_some());
        assert!(limit.take(&alice).is_none());
        assert!(limit.take(&bob).is_some());
        drop(permit);
        assert!(limit.take(&alice).is_none(), "not within two seconds");
    }
}

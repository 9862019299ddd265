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

/// One new session every two seconds and owner, after a burst.
const SESSION_PERIOD: Duration = Duration::from_secs(2);
const SESSION_BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

/// How far apart the looks for one owner begin.
const SYNC_PERIOD: Duration = Duration::from_secs(2);

/// How many looks deliveries may cost. Nango's own limit is 200 calls a minute, for everything that the account does.
const LOOKS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// How many connections that we do not know may have a mark: whoever can sign could fill the store with them.
const UNKNOWN_MARKS: usize = 10_000;

/// How many owners are remembered before those are dropped that have not asked lately.
const MANY: usize = 1024;

/// Sessions: 30 a minute and owner, 20 of them at once.
pub(crate) struct SessionLimit(RateLimiter<Owner, HashMapStateStore<Owner>, DefaultClock>);

impl SessionLimit {
    pub(super) fn new() -> Self {
        let quota = Quota::with_period(SESSION_PERIOD).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self(RateLimiter::hashmap(quota.allow_burst(SESSION_BURST)))
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
#[derive(Default)]
pub(crate) struct SyncLimit(Mutex<HashMap<Owner, Looks>>);

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
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn take(&self, owner: &Owner) -> Option<SyncPermit<'_>> {
        let now = Instant::now();
        let waits = |looks: &Looks| looks.running || now.duration_since(looks.began) < SYNC_PERIOD;
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let (limit, alice, bob) = (SessionLimit::new(), Owner::new("user", 1), Owner::new("user", 2));
        for _ in 0..20 {
            assert!(limit.take(&alice).is_ok());
        }
        let wait = limit.take(&alice).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= SESSION_PERIOD, "{wait:?}");
        assert!(limit.take(&bob).is_ok());
    }

    #[test]
    fn one_look_at_a_time_for_an_owner() {
        let (limit, alice, bob) = (SyncLimit::new(), Owner::new("user", 1), Owner::new("user", 2));
        let permit = limit.take(&alice);
        assert!(permit.is_some());
        assert!(limit.take(&alice).is_none());
        assert!(limit.take(&bob).is_some());
        drop(permit);
        assert!(limit.take(&alice).is_none(), "not within two seconds");
    }
}

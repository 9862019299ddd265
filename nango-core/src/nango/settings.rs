//! The app's choices for the handle and its routes, and the rate limits of owners.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use nango_client::{ConnectionKey, SigningKeys};

use super::origins::TrustedOrigins;
use super::refusal::RefusalPage;
use super::unverified::Unverified;
use crate::attempts::CallbackGuard;
use crate::owner::Owner;
use crate::sync::lock;

/// The app's choices for the handle and its routes.
pub(crate) struct Settings {
    pub(crate) allowed_integrations: Vec<String>,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) trusted_origins: TrustedOrigins,
    /// `true` if the owner routes' login reads nothing but a bearer token.
    pub(crate) bearer_only: bool,
    /// The largest delivery that is read, in bytes.
    pub(crate) webhook_limit: usize,
    pub(crate) owner_limits: OwnerLimits,
    pub(crate) sync_limit: SyncLimit,
    pub(crate) unverified: Unverified,
    /// `None` while the callback is not guarded.
    pub(crate) callback_guard: Option<CallbackGuard>,
    pub(crate) refusal_page: RefusalPage,
}

/// Default limits of sessions, of disconnects and of checks for each owner.
pub(crate) const SESSIONS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
pub(crate) const SESSION_BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

/// The default time between looks at Nango for one owner.
pub(crate) const SYNC_PERIOD: Duration = Duration::from_secs(2);

/// The number of remembered owners above which idle ones are dropped, at least.
const PRUNE_ABOVE: usize = 1024;

/// Default limits of checks of one connection.
const CHECKS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const CHECK_BURST: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// The limits of what the ready-made routes do for one owner.
pub(crate) struct OwnerLimits {
    pub(crate) sessions: KeyedLimit<Owner>,
    pub(crate) disconnects: KeyedLimit<Owner>,
    pub(crate) checks: KeyedLimit<Owner>,
    pub(crate) checks_of_one: KeyedLimit<ConnectionKey>,
}

impl OwnerLimits {
    pub(crate) fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        Self {
            sessions: KeyedLimit::new(per_minute, burst),
            disconnects: KeyedLimit::new(per_minute, burst),
            checks: KeyedLimit::new(per_minute, burst),
            checks_of_one: KeyedLimit::new(CHECKS_PER_MINUTE, CHECK_BURST),
        }
    }
}

/// A rate limit for each key.
pub(crate) struct KeyedLimit<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    pruning: Pruning,
}

impl<K: Hash + Eq + Clone> KeyedLimit<K> {
    fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let limiter = RateLimiter::hashmap(Quota::per_minute(per_minute).allow_burst(burst));
        Self { limiter, pruning: Pruning::default() }
    }

    /// Takes one of a key, or returns the time until there is one.
    pub(crate) fn take(&self, key: &K) -> Result<(), Duration> {
        if self.pruning.is_due(self.limiter.len()) {
            self.limiter.retain_recent();
            self.pruning.has_left(self.limiter.len());
        }
        let now = self.limiter.clock().now();
        self.limiter.check_key(key).map_err(|full| full.wait_time_from(now))
    }
}

/// The number of remembered owners at which idle ones are dropped: twice as many as the last time has left, so that a
/// call pays for its own owner, and not for all who are busy.
struct Pruning(AtomicUsize);

impl Default for Pruning {
    fn default() -> Self {
        Self(AtomicUsize::new(PRUNE_ABOVE))
    }
}

impl Pruning {
    fn is_due(&self, len: usize) -> bool {
        len > self.0.load(Ordering::Relaxed)
    }

    fn has_left(&self, len: usize) {
        self.0.store(len.saturating_mul(2).max(PRUNE_ABOVE), Ordering::Relaxed);
    }
}

/// Limits looks for each owner: one at a time, and not too often.
pub(crate) struct SyncLimit {
    period: Duration,
    owners: Mutex<HashMap<Owner, Looks>>,
    pruning: Pruning,
}

struct Looks {
    running: bool,
    began: Instant,
}

/// A look in flight. The owner's next one may begin once this is dropped.
pub(crate) struct SyncPermit<'a> {
    limit: &'a SyncLimit,
    owner: Owner,
}

impl SyncLimit {
    pub(crate) fn new(period: Duration) -> Self {
        Self { period, owners: Mutex::default(), pruning: Pruning::default() }
    }

    pub(crate) fn take(&self, owner: &Owner) -> Option<SyncPermit<'_>> {
        let now = Instant::now();
        let is_busy = |looks: &Looks| looks.running || now.duration_since(looks.began) < self.period;
        let mut owners = lock(&self.owners);
        if owners.get(owner).is_some_and(is_busy) {
            return None;
        }
        if self.pruning.is_due(owners.len()) {
            owners.retain(|_, looks| is_busy(looks));
            self.pruning.has_left(owners.len());
        }
        owners.insert(owner.clone(), Looks { running: true, began: now });
        Some(SyncPermit { limit: self, owner: owner.clone() })
    }
}

impl Drop for SyncPermit<'_> {
    fn drop(&mut self) {
        if let Some(looks) = lock(&self.limit.owners).get_mut(&self.owner) {
            looks.running = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_sessions_then_a_steady_rate() {
        let limit = OwnerLimits::new(SESSIONS_PER_MINUTE, SESSION_BURST).sessions;
        let (alice, bob) = (Owner::new("user", 1), Owner::new("user", 2));
        for _ in 0..20 {
            assert!(limit.take(&alice).is_ok());
        }
        let wait = limit.take(&alice).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(2), "{wait:?}");
        assert!(limit.take(&bob).is_ok());
    }

    #[test]
    fn busy_owners_are_not_looked_over_with_each_call() {
        let pruning = Pruning::default();
        let due = (1..=100_000).filter(|len| {
            let is_due = pruning.is_due(*len);
            if is_due {
                pruning.has_left(*len);
            }
            is_due
        });
        assert_eq!(due.count(), 7, "each time twice as many");
        pruning.has_left(3);
        assert!(pruning.is_due(PRUNE_ABOVE + 1), "few are left");
    }

    #[test]
    fn idle_owners_are_forgotten() {
        let (per_minute, one) = (NonZeroU32::new(600_000_000).unwrap(), NonZeroU32::MIN);
        let (limit, looks) = (KeyedLimit::new(per_minute, one), SyncLimit::new(Duration::ZERO));
        for id in 0..5 * PRUNE_ABOVE {
            let owner = Owner::new("user", id);
            limit.take(&owner).unwrap();
            drop(looks.take(&owner).unwrap());
        }
        assert!(limit.limiter.len() <= PRUNE_ABOVE + 1, "{}", limit.limiter.len());
        assert!(lock(&looks.owners).len() <= PRUNE_ABOVE + 1);
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

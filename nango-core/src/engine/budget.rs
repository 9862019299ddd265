//! The budget of deliveries.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Looks that deliveries may cause. Nango's own limit is 200 calls a minute, for everything that
/// the account does.
const LOOKS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// Unknown connections that may have a mark: a holder of a signing key could fill the store with
/// them.
const MAX_UNKNOWN_MARKS: usize = 10_000;

/// Looks that deliveries may cause before they are only marked, and marks of unknown connections.
pub(super) struct Budget {
    looks: DefaultDirectRateLimiter,
    unknown_marks: AtomicUsize,
}

impl Budget {
    pub(super) fn new() -> Self {
        let looks = RateLimiter::direct(Quota::per_minute(LOOKS_PER_MINUTE));
        Self { looks, unknown_marks: AtomicUsize::new(0) }
    }

    /// Takes one look, if there is one left.
    pub(super) fn take_look(&self) -> bool {
        self.looks.check().is_ok()
    }

    /// Takes one mark of an unknown connection, if there is one left.
    pub(super) fn take_unknown_mark(&self) -> bool {
        self.unknown_marks.fetch_add(1, Ordering::Relaxed) < MAX_UNKNOWN_MARKS
    }

    /// Sets the number of marks of unknown connections that the store has.
    pub(super) fn set_unknown_marks(&self, marks: usize) {
        self.unknown_marks.store(marks, Ordering::Relaxed);
    }
}

//! The budget of looks, and of marks of unknown connections.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::sync::lock;

/// Nango's limit of requests per minute until a response has named the account's (observed on
/// 0.71.4).
const DEFAULT_LIMIT: u32 = 200;

/// Unknown connections that may have a mark: a holder of a signing key could fill the store with
/// them.
pub(super) const MAX_UNKNOWN_MARKS: usize = 10_000;

/// The budget of looks, and of marks of unknown connections.
///
/// Deliveries and requests of owners each have a share of Nango's rate limit. The rest is for
/// sessions, disconnects and the app's own calls.
pub(super) struct Budget {
    share: f64,
    looks: Mutex<Looks>,
    unknown_marks: AtomicUsize,
}

/// The cause of a look that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spender {
    Delivery,
    Owner,
}

/// The limit that was named last, and what each spender has taken.
struct Looks {
    limit: u32,
    deliveries: Taken,
    owners: Taken,
}

/// The looks that one spender has taken and that are not refilled yet. All of a minute may be taken at
/// once; they are refilled evenly.
///
/// They outlive a change of the limit, which a rate limiter with a fixed quota has no way to keep:
/// responses that name two limits in turns, as behind a gateway, would refill it each time.
struct Taken {
    looks: f64,
    at: Instant,
}

impl Taken {
    fn new() -> Self {
        Self { looks: 0.0, at: Instant::now() }
    }

    /// Takes one look, if fewer than a minute's are taken.
    fn take(&mut self, per_minute: f64) -> bool {
        let now = Instant::now();
        let refilled = per_minute * now.duration_since(self.at).as_secs_f64() / 60.0;
        let looks = (self.looks - refilled).max(0.0);
        let is_left = looks + 1.0 <= per_minute;
        *self = Self { looks: if is_left { looks + 1.0 } else { looks }, at: now };
        is_left
    }
}

impl Budget {
    pub(super) fn new(share: f64) -> Self {
        let looks = Looks { limit: DEFAULT_LIMIT, deliveries: Taken::new(), owners: Taken::new() };
        Self { share, looks: Mutex::new(looks), unknown_marks: AtomicUsize::new(0) }
    }

    /// Takes one look, if there is one left of the share of the account's limit.
    pub(super) fn take_look(&self, spender: Spender, limit: Option<u32>) -> bool {
        let mut looks = lock(&self.looks);
        looks.limit = limit.unwrap_or(looks.limit);
        let per_minute = (f64::from(looks.limit) * self.share).floor().max(1.0);
        match spender {
            Spender::Delivery => looks.deliveries.take(per_minute),
            Spender::Owner => looks.owners.take(per_minute),
        }
    }

    /// Takes one mark of an unknown connection, if there is one left.
    pub(super) fn take_unknown_mark(&self) -> bool {
        let more = |marks: usize| (marks < MAX_UNKNOWN_MARKS).then_some(marks + 1);
        self.unknown_marks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Returns the mark of an unknown connection that was looked at, or was not written.
    pub(super) fn return_unknown_mark(&self) {
        let fewer = |marks: usize| Some(marks.saturating_sub(1));
        let _ = self.unknown_marks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    /// Sets the number of marks of unknown connections that the store has.
    pub(super) fn set_unknown_marks(&self, marks: usize) {
        self.unknown_marks.store(marks, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn take(budget: &Budget, spender: Spender, limit: Option<u32>) -> usize {
        (0..2_000).filter(|_| budget.take_look(spender, limit)).count()
    }

    #[test]
    fn deliveries_and_owners_have_a_share_of_the_limit_each() {
        let budget = Budget::new(0.3);
        assert_eq!(take(&budget, Spender::Owner, None), 60, "of 200 by default");
        assert_eq!(take(&budget, Spender::Owner, None), 0);
        assert_eq!(take(&budget, Spender::Delivery, None), 60, "owners take nothing from deliveries");
        assert_eq!(take(&Budget::new(0.3), Spender::Delivery, Some(1)), 1, "never nothing at all");
    }

    #[test]
    fn the_share_follows_the_limit_that_nango_reports() {
        let budget = Budget::new(0.3);
        assert_eq!(take(&budget, Spender::Delivery, None), 60);
        assert_eq!(take(&budget, Spender::Delivery, Some(1_000)), 240, "300, of which 60 were taken");
        assert_eq!(take(&budget, Spender::Owner, None), 300, "a response without the header changes nothing");
        assert_eq!(take(&budget, Spender::Delivery, Some(100)), 0, "more than 30 were taken");
    }

    #[test]
    fn limits_that_alternate_refill_nothing() {
        let budget = Budget::new(0.3);
        let taken: usize = (0..20)
            .map(|round| take(&budget, Spender::Delivery, Some(if round % 2 == 0 { 1_000 } else { 200 })))
            .sum();
        assert_eq!(taken, 300);
    }

    #[test]
    fn looks_are_refilled_evenly() {
        let mut taken = Taken::new();
        let mut take = |after: u64| {
            taken.at -= Duration::from_secs(after);
            (0..100).filter(|_| taken.take(60.0)).count()
        };
        assert_eq!(take(0), 60);
        assert_eq!(take(0), 0);
        assert_eq!(take(20), 20);
        assert_eq!(take(3_600), 60, "never more than a minute's");
    }

    #[test]
    fn each_unknown_mark_that_goes_makes_room_for_one() {
        let budget = Budget::new(0.3);
        let taken = |attempts: usize| (0..attempts).filter(|_| budget.take_unknown_mark()).count();
        assert_eq!(taken(2 * MAX_UNKNOWN_MARKS), MAX_UNKNOWN_MARKS);
        budget.return_unknown_mark();
        assert_eq!(taken(5), 1);
        budget.set_unknown_marks(MAX_UNKNOWN_MARKS - 2);
        assert_eq!(taken(5), 2);
    }
}

//! How often what has happened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Nango;

/// How often things have happened since the handle was built, in this process: numbers to export as metrics.
///
/// What the pages of a sweep show is not counted here, but for repairs: it is in the
/// [`SweepReport`](crate::SweepReport).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Genuine deliveries that came in.
    pub deliveries: u64,
    /// Deliveries that the ready-made route refused for their signature. A few are noise; if all are, a key is wrong.
    pub refused: u64,
    /// Deliveries of another environment than the configured one, which were ignored.
    pub other_environment: u64,
    /// Deliveries that only left a mark, because Nango could not be asked, or the budget for looks was used up.
    pub marked: u64,
    /// Looks at connections whose tags name another owner than ours. Ours stayed.
    pub owner_conflicts: u64,
    /// Looks at connections that belong to nobody here. They were not stored.
    pub quarantined: u64,
    /// Tags that were given back after somebody's reconnect had wiped them.
    pub tags_repaired: u64,
    /// Metadata that was given back, see [`Builder::keep_metadata`](crate::Builder::keep_metadata).
    pub metadata_repaired: u64,
    /// Tags or metadata that could not be given back. It is tried again at the next look.
    pub repairs_failed: u64,
    /// Calls of the app's handler that failed, took too long or panicked.
    pub handler_failures: u64,
}

/// One of the [`Counters`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Deliveries,
    Refused,
    OtherEnvironment,
    Marked,
    OwnerConflicts,
    Quarantined,
    TagsRepaired,
    MetadataRepaired,
    RepairsFailed,
    HandlerFailures,
}

/// The numbers while they grow.
#[derive(Default)]
pub(super) struct Tally([AtomicU64; 10]);

impl Tally {
    fn add(&self, count: Count) {
        if let Some(number) = self.0.get(count as usize) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn read(&self) -> Counters {
        let [
            deliveries,
            refused,
            other_environment,
            marked,
            owner_conflicts,
            quarantined,
            tags_repaired,
            metadata_repaired,
            repairs_failed,
            handler_failures,
        ] = self.0.each_ref().map(|number| number.load(Ordering::Relaxed));
        Counters {
            deliveries,
            refused,
            other_environment,
            marked,
            owner_conflicts,
            quarantined,
            tags_repaired,
            metadata_repaired,
            repairs_failed,
            handler_failures,
        }
    }
}

impl Nango {
    /// How often what has happened since this handle was built. Clones share the numbers.
    ///
    /// ```
    /// # fn metrics(nango: &nango_core::Nango) {
    /// let counters = nango.counters();
    /// println!("nango_owner_conflicts_total {}", counters.owner_conflicts);
    /// # }
    /// ```
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.tally.read()
    }

    pub(crate) fn count(&self, count: Count) {
        self.0.tally.add(count);
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_has_its_number() {
        let tally = Tally::default();
        tally.add(Count::Deliveries);
        tally.add(Count::OwnerConflicts);
        tally.add(Count::OwnerConflicts);
        tally.add(Count::HandlerFailures);
        let expected =
            Counters { deliveries: 1, owner_conflicts: 2, handler_failures: 1, ..Counters::default() };
        assert_eq!(tally.read(), expected);
    }
}

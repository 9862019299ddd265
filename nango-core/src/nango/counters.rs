//! How often what has happened.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Nango;

/// The numbers, what counts them up, and where they grow: each is named once.
macro_rules! counters {
    ($($(#[$meaning:meta])* $field:ident: $count:ident,)+) => {
        /// How often things have happened since the handle was built, in this process: numbers to export as metrics.
        ///
        /// What the pages of a sweep show is not counted here, but for repairs: it is in the
        /// [`SweepReport`](crate::SweepReport).
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[$meaning])* pub $field: u64,)+
        }

        /// One of the [`Counters`].
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Count {
            $($count,)+
        }

        /// The numbers while they grow.
        #[derive(Debug, Default)]
        pub(super) struct Tally {
            $($field: AtomicU64,)+
        }

        impl Tally {
            fn add(&self, count: Count) {
                let number = match count {
                    $(Count::$count => &self.$field,)+
                };
                number.fetch_add(1, Ordering::Relaxed);
            }

            fn read(&self) -> Counters {
                Counters { $($field: self.$field.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Genuine deliveries that came in.
    deliveries: Deliveries,
    /// Deliveries that the ready-made route refused for their signature. A few are noise; if all are, a key is wrong.
    refused: Refused,
    /// Deliveries of another environment than the configured one, which were ignored.
    other_environment: OtherEnvironment,
    /// Deliveries that only left a mark, because Nango could not be asked, or the budget for looks was used up.
    marked: Marked,
    /// Looks at connections whose tags name another owner than ours. Ours stayed.
    owner_conflicts: OwnerConflicts,
    /// Looks at connections that belong to nobody here. They were not stored.
    quarantined: Quarantined,
    /// Tags that were given back after somebody's reconnect had wiped them.
    tags_repaired: TagsRepaired,
    /// Metadata that was given back, see [`Builder::keep_metadata`](crate::Builder::keep_metadata).
    metadata_repaired: MetadataRepaired,
    /// Tags or metadata that could not be given back. It is tried again, less and less often.
    repairs_failed: RepairsFailed,
    /// Calls of the app's handler that failed, took too long or panicked.
    handler_failures: HandlerFailures,
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

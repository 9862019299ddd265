//! Counters, to export as metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Declares the counters, so that each is named once.
macro_rules! counters {
    ($($(#[$meaning:meta])* $field:ident: $count:ident,)+) => {
        /// Counts of events since the handle was built, in this process, to export as metrics.
        ///
        /// The differences that a sweep finds are not counted here, except for repairs: they are in
        /// the [`SweepReport`](crate::SweepReport).
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[$meaning])* pub $field: u64,)+
        }

        /// Identifies one of the [`Counters`], to increment it.
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Count {
            $($count,)+
        }

        /// The counters themselves.
        #[derive(Debug, Default)]
        pub(super) struct Tally {
            $($field: AtomicU64,)+
        }

        impl Tally {
            pub(super) fn add(&self, count: Count) {
                let number = match count {
                    $(Count::$count => &self.$field,)+
                };
                number.fetch_add(1, Ordering::Relaxed);
                #[cfg(feature = "metrics")]
                match count {
                    $(Count::$count => metrics::counter!(concat!("nango.", stringify!($field))).increment(1),)+
                }
            }

            pub(super) fn read(&self) -> Counters {
                Counters { $($field: self.$field.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Verified deliveries.
    deliveries: Deliveries,
    /// Deliveries that the ready-made route refused because of their signature. A few are noise; if
    /// all are, a key is wrong.
    refused: Refused,
    /// Deliveries of another environment than the configured one, which were ignored.
    other_environment: OtherEnvironment,
    /// Deliveries that only left a mark, because Nango was unavailable, or the budget of looks was
    /// used up.
    marked: Marked,
    /// Looks at connections whose tags name another owner than the stored one, which stayed.
    owner_conflicts: OwnerConflicts,
    /// Looks at connections that do not belong to an owner of this app. They were not stored.
    quarantined: Quarantined,
    /// Tags that were restored after a reconnect had wiped them.
    tags_repaired: TagsRepaired,
    /// Metadata that was restored, see
    /// [`NangoBuilder::keep_metadata`](crate::NangoBuilder::keep_metadata).
    metadata_repaired: MetadataRepaired,
    /// Tags or metadata that could not be restored. Each is retried, less and less often.
    repairs_failed: RepairsFailed,
    /// Events that were put into the event queue.
    events_queued: EventsQueued,
    /// Deliveries that were answered with 503 or 413, because the event queue did not take their events.
    events_refused: EventsRefused,
    /// Events of the queue that the app's handler has handled.
    events_handled: EventsHandled,
    /// Attempts to handle an event of the queue that failed. Each is retried, until the event is a dead
    /// letter.
    events_failed: EventsFailed,
    /// Events of the queue that became dead letters.
    events_dead: EventsDead,
    /// Calls of the app's handler that failed, exceeded their deadline or panicked.
    handler_failures: HandlerFailures,
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

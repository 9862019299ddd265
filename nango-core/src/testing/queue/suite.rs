//! The list of cases, and the tests made of it.

use std::any::Any;
use std::sync::Arc;

use super::events::event;
use crate::queue::WorkQueue;
use crate::store::StoreErrorKind;
use crate::testing::suite;
use crate::testing::suite::Fixture;

/// Creates one `#[test]` of each function in [`testing::queue`](crate::testing::queue), in the
/// surrounding module.
///
/// `make_queue` is called by each test on its own runtime. It is an `async` function or closure that
/// returns a fresh, empty queue whose claims hold for two seconds, or a pair of a queue and a value that
/// has to live as long. Attributes before it go on every test.
///
/// ```
/// # fn main() {}
/// #[cfg(test)]
/// mod memory {
///     nango_core::testing::queue_suite!(async || {
///         nango_core::MemoryEventQueue::with_lease(std::time::Duration::from_secs(2))
///     });
/// }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __queue_suite {
    ($($attributes_and_make_queue:tt)*) => {
        $crate::__contract_suite! {
            queue
            [
                a_claim_ends_by_itself_and_counts_as_a_death
                a_done_event_is_gone
                a_failed_event_waits_for_its_time
                a_key_is_taken_once
                a_late_settlement_changes_nothing
                a_lost_claim_is_not_renewed
                a_pushed_event_is_claimed_once
                a_released_event_counts_nothing
                a_renewed_claim_stays
                bodies_are_kept_byte_for_byte
                concurrent_claims_share_nothing
                dead_letters_are_listed_replayed_and_discarded
                events_are_claimed_in_order
                failures_and_deaths_are_counted_apart
            ]
            $($attributes_and_make_queue)*
        }
    };
}

/// One function of the suite.
pub type Case = suite::Case<dyn WorkQueue>;

impl<Q: WorkQueue> Fixture<dyn WorkQueue> for Q {
    fn into_parts(self) -> (Arc<dyn WorkQueue>, Box<dyn Any>) {
        (Arc::new(self), Box::new(()))
    }
}

impl<Q: WorkQueue, G: 'static> Fixture<dyn WorkQueue> for (Q, G) {
    fn into_parts(self) -> (Arc<dyn WorkQueue>, Box<dyn Any>) {
        (Arc::new(self.0), Box::new(self.1))
    }
}

/// Returns all cases, for a harness of your own. Tests use
/// [`queue_suite!`](crate::testing::queue_suite).
#[must_use]
pub fn cases() -> Vec<Case> {
    crate::__queue_suite!(@cases)
}

/// Every call of a queue whose server is unavailable says so, and that it is worth a retry. Call it with
/// such a queue.
pub async fn queue_unreachable_is_retryable(queue: &dyn WorkQueue) {
    let unavailable = [
        queue.push(&event(1)).await.err(),
        queue.claim(1).await.err(),
        queue.depth().await.err(),
        queue.dead_letters(None, 1).await.err(),
        queue.replay("a").await.err(),
        queue.discard("a").await.err(),
    ];
    for (call, error) in unavailable.into_iter().enumerate() {
        assert_eq!(error.unwrap().kind(), StoreErrorKind::Unavailable, "call {call}");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::queue::MemoryEventQueue;

    #[test]
    fn the_contract_names_the_tests_of_each_guarantee() {
        let contract = include_str!("../../queue/contract.rs");
        let (contract, _) = contract.split_once("pub trait WorkQueue").unwrap();
        let named = |name: &str| contract.contains(&format!("`{name}`"));
        let unnamed: Vec<_> = cases().iter().map(Case::name).filter(|name| !named(name)).collect();
        assert!(unnamed.is_empty(), "in no guarantee: {unnamed:?}");
    }

    mod memory {
        use super::*;

        crate::testing::queue_suite!(async || MemoryEventQueue::with_lease(Duration::from_secs(2)));
    }
}

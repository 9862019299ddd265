//! The list of cases, and the tests made of it.

use std::any::Any;
use std::sync::Arc;

use crate::store::ConnectionStore;
use crate::testing::suite;
use crate::testing::suite::Fixture;

/// Creates one `#[test]` of each function in [`testing::store`](crate::testing::store), in the
/// surrounding module.
///
/// `make_store` is called by each test on its own runtime. It is an `async` function or closure
/// that returns a fresh, empty store, or a pair of a store and a value that has to live as long.
/// Attributes before it go on every test.
///
/// ```
/// # fn main() {}
/// #[cfg(test)]
/// mod memory {
///     nango_core::testing::store_suite!(async || nango_core::MemoryStore::new());
/// }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __store_suite {
    ($($attributes_and_make_store:tt)*) => {
        $crate::__contract_suite! {
            store
            [
                a_batch_may_be_thousands_of_rows
                a_change_is_done_once
                a_check_leaves_no_trace
                a_change_replaces_the_whole_row
                a_lease_ends_by_itself
                a_lease_has_one_holder
                a_lease_is_released_by_its_holder_only
                a_stale_change_does_not_stop_the_others
                a_tombstone_stays_until_it_is_erased_or_revived
                an_erased_row_can_be_made_again
                concurrent_batches_lose_no_update
                concurrent_erasures_have_one_winner
                concurrent_inserts_have_one_winner
                concurrent_readers_see_whole_rows
                concurrent_writers_lose_no_update
                done_only_on_the_expected_version
                every_version_is_kept
                get_answers_in_the_order_of_the_keys
                get_sees_what_was_done
                keeps_every_field
                keys_compare_byte_by_byte
                keys_sort_byte_by_byte
                leases_have_names
                a_mark_changes_the_version_and_the_time_of_the_look
                list_is_sorted_by_key
                list_leaves_removed_rows_out
                an_insert_does_not_replace_a_row
                owners_are_isolated
                owners_compare_byte_by_byte
                marks_and_writers_do_not_lose_each_other
                page_begins_at_an_integration
                page_gives_removed_rows
                page_is_ordered_and_resumable
                page_is_stable_while_rows_change
                pending_gives_due_looks
                pending_gives_due_looks_first
                pending_gives_no_more_than_the_limit
                pending_gives_removed_rows
                pending_gives_unannounced_rows
                takes_255_characters_of_any_script
                takes_every_character
                timestamps_are_kept_to_the_microsecond
            ]
            $($attributes_and_make_store)*
        }
    };
}

/// One function of the suite.
pub type Case = suite::Case<dyn ConnectionStore>;

impl<S: ConnectionStore> Fixture<dyn ConnectionStore> for S {
    fn into_parts(self) -> (Arc<dyn ConnectionStore>, Box<dyn Any>) {
        (Arc::new(self), Box::new(()))
    }
}

impl<S: ConnectionStore, G: 'static> Fixture<dyn ConnectionStore> for (S, G) {
    fn into_parts(self) -> (Arc<dyn ConnectionStore>, Box<dyn Any>) {
        (Arc::new(self.0), Box::new(self.1))
    }
}

/// Returns all cases, for a harness of your own. Tests use
/// [`store_suite!`](crate::testing::store_suite).
#[must_use]
pub fn cases() -> Vec<Case> {
    crate::__store_suite!(@cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_names_the_tests_of_each_guarantee() {
        let contract = include_str!("../../store/contract.rs");
        let (contract, _) = contract.split_once("pub trait ConnectionStore").unwrap();
        let named = |name: &str| contract.contains(&format!("`{name}`"));
        let unnamed: Vec<_> = cases().iter().map(Case::name).filter(|name| !named(name)).collect();
        assert!(unnamed.is_empty(), "in no guarantee: {unnamed:?}");
        assert!(named("unreachable_is_retryable"));
    }
}

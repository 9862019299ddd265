//! The contract of [`ConnectionStore`](crate::ConnectionStore), each guarantee as a function that
//! is named after it.
//!
//! [`store_suite!`](super::store_suite) makes a test of each. The functions take an empty store,
//! and panic when it does not keep the guarantee.

mod apply;
mod bytes;
mod lease;
mod pending;
mod race;
mod read;
mod removal;
mod rows;
mod suite;
mod unreachable;

pub use apply::{
    a_batch_may_be_thousands_of_rows, a_change_is_done_once, a_change_replaces_the_whole_row,
    a_stale_change_does_not_stop_the_others, an_insert_does_not_replace_a_row,
    done_only_on_the_expected_version, every_version_is_kept, keeps_every_field,
};
pub use bytes::{
    keys_compare_byte_by_byte, keys_sort_byte_by_byte, owners_compare_byte_by_byte,
    takes_255_characters_of_any_script, takes_every_character,
};
pub use lease::{
    a_lease_ends_by_itself, a_lease_has_one_holder, a_lease_is_released_by_its_holder_only, leases_have_names,
};
pub use pending::{
    pending_gives_due_looks, pending_gives_due_looks_first, pending_gives_no_more_than_the_limit,
    pending_gives_unannounced_rows,
};
pub use race::{
    concurrent_batches_lose_no_update, concurrent_erasures_have_one_winner,
    concurrent_inserts_have_one_winner, concurrent_readers_see_whole_rows, concurrent_writers_lose_no_update,
};
pub use read::{
    get_answers_in_the_order_of_the_keys, get_sees_what_was_done, list_is_sorted_by_key, owners_are_isolated,
    page_is_ordered_and_resumable, page_is_stable_while_rows_change, timestamps_are_kept_to_the_microsecond,
};
pub use removal::{
    a_tombstone_stays_until_it_is_erased_or_revived, an_erased_row_can_be_made_again,
    list_leaves_removed_rows_out, page_gives_removed_rows, pending_gives_removed_rows,
};
pub use rows::{again, erase, insert, live, update};
pub use suite::{Case, Fixture, cases};
pub use unreachable::unreachable_is_retryable;

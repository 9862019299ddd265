//! The contract of [`ConnectionStore`], each guarantee as a function that is named after it.
//!
//! [`store_suite!`](super::store_suite) makes a test of each. The functions want an empty store, and panic when it does
//! not keep the guarantee.

mod apply;
mod bytes;
mod lease;
mod pending;
mod race;
mod read;
mod removal;
mod rows;
mod suite;

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

pub use apply::{
    a_batch_may_be_thousands_of_rows, a_change_is_done_once, a_change_replaces_the_whole_row,
    a_stale_change_does_not_stop_the_others, done_only_on_the_expected_version, every_version_is_kept,
    keeps_every_field, nobody_takes_a_row_by_inserting_it,
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

use crate::store::{ConnectionStore, StoreErrorKind};

/// A store that cannot reach its database says so, keeps the reason, and can be asked again. Guarantee 7.
///
/// The one guarantee that [`store_suite!`](super::store_suite) cannot bring about: call this with a store whose database
/// is away.
pub async fn unreachable_is_retryable(store: Arc<dyn ConnectionStore>) {
    let key = rows::key(0);
    let now = crate::Timestamp::now();
    let owner = crate::Owner::new("user", 1);
    let errors = [
        store.get(std::slice::from_ref(&key)).await.err(),
        store.get(&[key.clone(), rows::key(1)]).await.err(),
        store.apply(&[insert(&rows::record(0))]).await.err(),
        store.apply(&[insert(&rows::record(0)), insert(&rows::record(1))]).await.err(),
        store.list(&owner).await.err(),
        store.page(None, 1).await.err(),
        store.page(Some(&key), 1).await.err(),
        store.pending(now, 1).await.err(),
    ];
    for (call, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("call {call} worked: is the database away?"));
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "call {call}");
        assert!(error.is_retryable(), "call {call}");
        assert!(std::error::Error::source(&error).is_some(), "call {call}");
        assert!(!error.to_string().contains(key.connection_id()), "call {call}");
    }
}

/// What `make_store` may give: a store, or a pair of a store and whatever has to live as long, such as a folder.
pub trait Fixture {
    /// Takes it apart.
    fn into_parts(self) -> (Arc<dyn ConnectionStore>, Box<dyn Any>);
}

impl<S: ConnectionStore> Fixture for S {
    fn into_parts(self) -> (Arc<dyn ConnectionStore>, Box<dyn Any>) {
        (Arc::new(self), Box::new(()))
    }
}

impl<S: ConnectionStore, G: 'static> Fixture for (S, G) {
    fn into_parts(self) -> (Arc<dyn ConnectionStore>, Box<dyn Any>) {
        (Arc::new(self.0), Box::new(self.1))
    }
}

type Run = fn(Arc<dyn ConnectionStore>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One function of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    run: Run,
}

impl Case {
    #[doc(hidden)]
    #[must_use]
    pub fn new(name: &'static str, run: Run) -> Self {
        Self { name, run }
    }

    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Calls the function with a fresh store, on a runtime with several threads.
    pub fn run<F: Fixture>(&self, make_store: impl AsyncFnOnce() -> F) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, guard) = make_store().await.into_parts();
            (self.run)(store).await;
            drop(guard);
        });
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// All cases, for a harness of your own. Tests want [`store_suite!`](super::store_suite).
#[must_use]
pub fn cases() -> Vec<Case> {
    crate::__store_suite!(@list @cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_names_the_tests_of_each_guarantee() {
        let contract = include_str!("../../store/mod.rs");
        let (contract, _) = contract.split_once("pub trait ConnectionStore").unwrap();
        let named = |name: &str| contract.contains(&format!("`{name}`"));
        let unnamed: Vec<_> = cases().iter().map(Case::name).filter(|name| !named(name)).collect();
        assert!(unnamed.is_empty(), "in no guarantee: {unnamed:?}");
        assert!(named("unreachable_is_retryable"));
    }
}

//! The contracts of a store and of its leases.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nango_client::{ConnectionKey, Timestamp};

use super::error::{StoreError, StoreErrorKind};
use crate::owner::Owner;
use crate::record::{Applied, Change, Record, Version};

/// The app's memory of its connections.
///
/// Implement it over a table of your own, or take [`MemoryStore`] for tests and `nango-sqlx` for
/// SQL databases. A store holds one [`Record`] per [`ConnectionKey`], decides nothing, and is the
/// only place where a [`Change`] is applied. Run the contract suite of `nango_core::testing`
/// (feature `testing`) on yours: each numbered guarantee has its test there.
///
/// # The contract
///
/// 1. A change is [`Applied::Done`] if and only if, at one atomic instant, the version of the row
///    equals [`Change::expected`] (`None`: there is no row), and the whole row then becomes
///    [`Change::next`] (`None`: the row is erased). Otherwise it is [`Applied::Stale`], and nothing
///    was written.
/// 2. Versions are compared for equality only. They are drawn at random, never zero, and never used
///    again.
/// 3. Each change is atomic, a slice of changes is not. The keys of a slice are distinct; results
///    come in its order.
/// 4. `Done` is durable, and every later [`get`](Self::get) sees it, on any instance of the app.
/// 5. Keys and owners compare and sort byte by byte: no case folding, no trimming, no
///    normalisation.
/// 6. [`list`](Self::list) returns live rows only; [`page`](Self::page) and
///    [`pending`](Self::pending) return removed ones, too. `pending` returns due looks before rows
///    that are only not announced, so that a handler that keeps failing does not delay looks. The key
///    that a page begins after need not have a row, and one with an empty connection id is before all
///    rows of its integration.
/// 7. A database that is unavailable is [`StoreErrorKind::Unavailable`]; its own error is the [`StoreError::raw_source`].
/// 8. [`mark`](Self::mark) changes the version and `look_again_at` of a row, nothing else, and never
///    fails because of other writers. The version makes a look that is under way stale.
///
/// 9. [`check`](Self::check) changes no row and takes no lease from its holder.
///
/// The database's own texts never reach a log or a reply: databases quote keys in them.
///
/// | | Tests of `store_suite!` |
/// |---|---|
/// | 1 | `done_only_on_the_expected_version`, `a_change_is_done_once`, `keeps_every_field`, `a_change_replaces_the_whole_row`, `an_insert_does_not_replace_a_row`, `an_erased_row_can_be_made_again`, `a_tombstone_stays_until_it_is_erased_or_revived`, `timestamps_are_kept_to_the_microsecond`, `concurrent_writers_lose_no_update`, `concurrent_inserts_have_one_winner`, `concurrent_erasures_have_one_winner`, `concurrent_batches_lose_no_update`, `concurrent_readers_see_whole_rows` |
/// | 2 | `every_version_is_kept`, `a_change_is_done_once` |
/// | 3 | `a_stale_change_does_not_stop_the_others`, `a_batch_may_be_thousands_of_rows` |
/// | 4 | `get_sees_what_was_done`, `get_answers_in_the_order_of_the_keys`; a loss of power is beyond a test |
/// | 5 | `keys_compare_byte_by_byte`, `owners_compare_byte_by_byte`, `keys_sort_byte_by_byte`, `takes_255_characters_of_any_script`, `takes_every_character`, `list_is_sorted_by_key` |
/// | 6 | `owners_are_isolated`, `list_leaves_removed_rows_out`, `page_gives_removed_rows`, `page_begins_at_an_integration`, `page_is_ordered_and_resumable`, `page_is_stable_while_rows_change`, `pending_gives_unannounced_rows`, `pending_gives_due_looks`, `pending_gives_due_looks_first`, `pending_gives_removed_rows`, `pending_gives_no_more_than_the_limit` |
/// | 7 | `unreachable_is_retryable`, which you call with a store whose database is unavailable |
/// | 8 | `a_mark_changes_the_version_and_the_time_of_the_look`, `marks_and_writers_do_not_lose_each_other` |
/// | 9 | `a_check_leaves_no_trace` |
/// | [`Lease`] | `a_lease_has_one_holder`, `a_lease_ends_by_itself`, `a_lease_is_released_by_its_holder_only`, `leases_have_names` |
///
/// # Over a table of your own
///
/// `examples/custom-store` and `examples/custom-store-postgres` in the repository are there to copy
/// from. What is easily missed:
///
/// - Insert, update and erase are three statements, each with its condition in it: insert where
///   there is no row, update and erase where the version is the expected one. The number of rows
///   that it affected says whether it was done. Reading first and writing then is not atomic.
/// - Texts have up to 255 characters of up to four bytes. A [`Version`] is an `i64`, a
///   [`Timestamp`] an `i64` of microseconds, [`Details`] a JSON text that only this library reads.
/// - An owner need not be a user of yours: there are other kinds, people who have left, and rows
///   without an owner. Keep its parts as texts; a foreign key beside them has to be optional, and
///   must not delete rows. [`Nango::forget`] does that.
/// - A slice may have thousands of keys or changes, and a limit may be larger than your database's
///   integers.
/// - `pending` returns a row once, also when its look is due and it is not announced.
///
/// [`Details`]: crate::Details
/// [`MemoryStore`]: crate::MemoryStore
/// [`Nango::forget`]: crate::Nango::forget
/// [`StoreErrorKind::Unavailable`]: crate::StoreErrorKind::Unavailable
/// [`Version`]: crate::Version
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store for connections",
    note = "implement `nango_core::ConnectionStore` for it, or use `nango_core::MemoryStore` or a store of `nango-sqlx`"
)]
pub trait ConnectionStore: Send + Sync + 'static {
    /// Returns the rows of these keys, in their order; `None` where there is none. Removed rows are
    /// included.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError>;

    /// Applies changes, each by itself, each as a compare-and-set on the version that it carries.
    ///
    /// # Errors
    ///
    /// When it is not known that all of them were either done or stale. Some may have been done.
    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError>;

    /// Marks rows to be looked at: each of these keys that has a row gets a new
    /// [version](crate::Version::random), and the earlier of `at` and its own
    /// [`look_again_at`](Record::look_again_at). Returns for each key whether it has a row.
    ///
    /// Unconditional: a row is marked however many other writers there are. The default
    /// implementation tries a compare-and-set up to 64 times; a store that can mark a row in one
    /// statement should.
    ///
    /// # Errors
    ///
    /// When it is not known that all of them were marked. Some may have been.
    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        let mut marked = Vec::with_capacity(keys.len());
        for key in keys {
            marked.push(mark_one(self, key, at).await?);
        }
        Ok(marked)
    }

    /// Returns the live rows of an owner, sorted by key.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError>;

    /// Returns the first `limit` rows after a key, sorted by key: integration first, then
    /// connection id. There need not be a row with the key.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Returns at most `limit` rows: first those whose [`look_again_at`](Record::look_again_at) is
    /// not after `now`, the earliest first, then those that are not
    /// [`announced`](Record::announced), in any order.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Returns the lease with which one of several instances does work that all could do; `None`
    /// when the store has none.
    fn lease(&self) -> Option<&dyn Lease>;

    /// Checks that the store is reachable, migrated and writable, so that an app learns at its
    /// start, or in a health check, what its first call would run into.
    ///
    /// The default implementation reads a row, and takes and releases a lease where there is one: a
    /// store without leases is not shown to be writable.
    ///
    /// # Errors
    ///
    /// When the store could not serve a call now.
    async fn check(&self) -> Result<(), StoreError> {
        self.page(None, 1).await?;
        if let Some(lease) = self.lease() {
            check_lease(lease).await?;
        }
        Ok(())
    }
}

/// Takes and releases a lease that no task uses.
async fn check_lease(lease: &dyn Lease) -> Result<(), StoreError> {
    // Checks that run at once take different ones, so that each of them writes.
    let name = format!("check {:x}", Version::random().raw());
    lease.acquire(&name, "check", Duration::from_secs(1)).await?;
    lease.release(&name, "check").await
}

/// The attempts to mark a row while other writers are quicker.
const MARK_ATTEMPTS: usize = 64;

async fn mark_one<S>(store: &S, key: &ConnectionKey, at: Timestamp) -> Result<bool, StoreError>
where
    S: ConnectionStore + ?Sized,
{
    for _ in 0..MARK_ATTEMPTS {
        let Some(row) = store.get(std::slice::from_ref(key)).await?.pop().flatten() else {
            return Ok(false);
        };
        if store.apply(&[Change::mark(&row, at)]).await?.first() == Some(&Applied::Done) {
            return Ok(true);
        }
    }
    Err(StoreError::new(StoreErrorKind::Unavailable, "other writers of the row were quicker every time"))
}

macro_rules! forward_to_pointee {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<S: ConnectionStore + ?Sized> ConnectionStore for $pointer {
            async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
                (**self).get(keys).await
            }

            async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
                (**self).apply(changes).await
            }

            async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
                (**self).mark(keys, at).await
            }

            async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
                (**self).list(owner).await
            }

            async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
                (**self).page(after, limit).await
            }

            async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
                (**self).pending(now, limit).await
            }

            fn lease(&self) -> Option<&dyn Lease> {
                (**self).lease()
            }

            async fn check(&self) -> Result<(), StoreError> {
                (**self).check().await
            }
        }
    )*};
}

forward_to_pointee!(Arc<S>, Box<S>);

/// A claim that ends by itself, and that one holder has at a time.
///
/// It saves work, it does not make anything correct: two holders at once do the same work twice,
/// and every change that they make is a compare-and-set all the same.
#[async_trait]
pub trait Lease: Send + Sync {
    /// Takes the lease called `name` for `span` from now on the store's own clock, or prolongs it.
    ///
    /// Returns `true` when `holder` has it now, `false` when another holder still does.
    ///
    /// # Errors
    ///
    /// When the store is unavailable.
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError>;

    /// Releases the lease, if `holder` has it.
    ///
    /// # Errors
    ///
    /// When the store is unavailable. The lease then ends by itself.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}

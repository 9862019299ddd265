//! Our memory of Nango's connections, in whatever database the app has.

mod error;
mod lease;
mod memory;
mod record;

use std::sync::Arc;

use async_trait::async_trait;

pub use error::{StoreError, StoreErrorKind};
pub use lease::Lease;
pub use memory::MemoryStore;
pub use record::{Applied, Change, Details, Record, Version};

pub(crate) use record::Removal;

use crate::connection::ConnectionRef;
use crate::entity::Owner;
use crate::time::Timestamp;

/// Where an app keeps what it knows of its connections.
///
/// Implement it over a table of your own, or take [`MemoryStore`] for tests and `nango-sqlx` for SQL databases. A store
/// holds one [`Record`] per [`ConnectionRef`], decides nothing, and is the only place where a [`Change`] is applied. Run
/// the contract suite of [`testing`](crate::testing) on yours: each numbered guarantee has its test there.
///
/// # The contract
///
/// 1. A change is [`Applied::Done`] if and only if, at one atomic instant, the version of the row equals
///    [`Change::expected`] (`None`: there is no row), and the whole row then becomes [`Change::next`] (`None`: the row is
///    erased). Otherwise it is [`Applied::Stale`], and nothing was written.
/// 2. Versions are compared for equality only. They are drawn at random, never zero, and never used again.
/// 3. Each change is atomic, a slice of changes is not. The keys of a slice are distinct; results come in its order.
/// 4. `Done` is durable, and every later [`get`](Self::get) sees it, on any instance of the app.
/// 5. Keys and owners compare and sort byte by byte: no case folding, no trimming, no normalisation.
/// 6. [`list`](Self::list) gives live rows only; [`page`](Self::page) and [`pending`](Self::pending) give removed ones too.
/// 7. A database that cannot be reached is [`StoreErrorKind::Unavailable`]; the source is kept.
///
/// The store's own texts never reach a log or a reply: databases quote keys in them.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store for connections",
    note = "implement `nango_core::ConnectionStore` for it, or use `nango_core::MemoryStore` or a store of `nango-sqlx`"
)]
pub trait ConnectionStore: Send + Sync + 'static {
    /// The rows of these keys, in their order; `None` where there is none. Removed rows are given too.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError>;

    /// Applies changes, each for itself, each as a compare-and-set on the version that it carries.
    ///
    /// # Errors
    ///
    /// When it is not known that all of them were either done or stale. Some may have been done.
    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError>;

    /// The live rows of an owner, sorted by key.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError>;

    /// The first `limit` rows after a key, sorted by key: integration first, then connection id.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// At most `limit` rows that are not [`announced`](Record::announced), or whose
    /// [`look_again_at`](Record::look_again_at) is not after `now`.
    ///
    /// # Errors
    ///
    /// When the rows cannot be read.
    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// What lets one of several instances do work that all could do; `None` when the store has no such thing.
    fn lease(&self) -> Option<&dyn Lease>;
}

#[async_trait]
impl<S: ConnectionStore + ?Sized> ConnectionStore for Arc<S> {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        (**self).get(keys).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        (**self).apply(changes).await
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        (**self).list(owner).await
    }

    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
        (**self).page(after, limit).await
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        (**self).pending(now, limit).await
    }

    fn lease(&self) -> Option<&dyn Lease> {
        (**self).lease()
    }
}

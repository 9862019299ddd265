//! Leases: work that one instance does at a time.

use std::time::Duration;

use async_trait::async_trait;

use super::error::StoreError;

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

//! One instance at a time.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

/// A claim with an end, which one holder has at a time.
///
/// It saves work, it does not make anything correct: two holders at once do the same work twice, and every change that
/// they make is a compare-and-set all the same.
#[async_trait]
pub trait Lease: Send + Sync {
    /// Takes the lease called `name` for `span` from now on the store's own clock, or prolongs it.
    ///
    /// Gives `true` when `holder` has it now, `false` when another holder still does.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError>;

    /// Gives the lease back, if `holder` has it.
    ///
    /// # Errors
    ///
    /// When the store does not answer. The lease then ends by itself.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}

//! A store that a test watches, stops, or makes fail.

use std::ops::Deref;
use std::time::Duration;

use nango_core::{
    Applied, Change, ConnectionKey, ConnectionStore, Lease, Owner, Record, StoreError, Timestamp, async_trait,
};

/// One call of a [`ConnectionStore`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Access<'a> {
    /// `apply`, with its changes.
    Apply(&'a [Change]),
    /// `check`.
    Check,
    /// `get`.
    Get,
    /// `list`.
    List,
    /// `mark`.
    Mark,
    /// `page`.
    Page,
    /// `pending`.
    Pending,
}

/// Code of a test that runs around every access to a store.
#[async_trait]
pub trait Interceptor: Send + Sync + 'static {
    /// Returns the store that serves the next access.
    fn store(&self) -> &dyn ConnectionStore;

    /// Runs before an access, which an error prevents.
    ///
    /// # Errors
    ///
    /// The error that the access shall return.
    async fn before(&self, _: Access<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Runs after an access that succeeded. `applied` has the results of `apply`, in the order of
    /// the changes.
    async fn after(&self, _: Access<'_>, _applied: &[Applied]) {}
}

/// A store with an interceptor in front of it.
#[derive(Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "tests wrap their interceptors")]
pub struct Intercept<S>(pub S);

impl<S> Deref for Intercept<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: Interceptor> Intercept<S> {
    async fn around<T>(
        &self,
        access: Access<'_>,
        call: impl Future<Output = Result<T, StoreError>> + Send,
        applied: impl Fn(&T) -> &[Applied] + Send,
    ) -> Result<T, StoreError> {
        self.before(access).await?;
        let result = call.await?;
        self.after(access, applied(&result)).await;
        Ok(result)
    }
}

#[async_trait]
impl<S: Interceptor> ConnectionStore for Intercept<S> {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        self.around(Access::Get, self.store().get(keys), |_| &[]).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.around(Access::Apply(changes), self.store().apply(changes), Vec::as_slice).await
    }

    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        self.around(Access::Mark, self.store().mark(keys, at), |_| &[]).await
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.around(Access::List, self.store().list(owner), |_| &[]).await
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.around(Access::Page, self.store().page(after, limit), |_| &[]).await
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.around(Access::Pending, self.store().pending(now, limit), |_| &[]).await
    }

    fn lease(&self) -> Option<&dyn Lease> {
        self.store().lease().map(|_| self as &dyn Lease)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.around(Access::Check, self.store().check(), |_| &[]).await
    }
}

/// Leases are not intercepted, but each call asks for its store.
#[async_trait]
impl<S: Interceptor> Lease for Intercept<S> {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        match self.store().lease() {
            Some(lease) => lease.acquire(name, holder, span).await,
            None => Ok(false),
        }
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        match self.store().lease() {
            Some(lease) => lease.release(name, holder).await,
            None => Ok(()),
        }
    }
}

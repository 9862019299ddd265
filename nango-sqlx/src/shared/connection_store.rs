//! The public traits of a store.

/// Implements `ConnectionStore`, `Lease` and `Debug` for a [`Backend`](super::backend::Backend).
///
/// A macro of one call per method: these traits cannot be implemented for every `Backend` at once,
/// since they belong to another crate.
macro_rules! connection_store {
    ($Store:ident) => {
        const _: () = {
            use nango_core::{
                Applied, Change, ConnectionKey, ConnectionStore, Lease, Owner, Record, StoreError, Timestamp,
                async_trait,
            };

            use $crate::shared::operations;

            #[async_trait]
            impl ConnectionStore for $Store {
                async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
                    operations::get(self, keys).await
                }

                async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
                    operations::apply(self, changes).await
                }

                async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
                    operations::list(self, owner).await
                }

                async fn page(
                    &self,
                    after: Option<&ConnectionKey>,
                    limit: usize,
                ) -> Result<Vec<Record>, StoreError> {
                    operations::page(self, after, limit).await
                }

                async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
                    operations::pending(self, now, limit).await
                }

                fn lease(&self) -> Option<&dyn Lease> {
                    Some(self)
                }
            }

            #[async_trait]
            impl Lease for $Store {
                async fn acquire(
                    &self,
                    name: &str,
                    holder: &str,
                    span: std::time::Duration,
                ) -> Result<bool, StoreError> {
                    operations::acquire(self, name, holder, span).await
                }

                async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
                    operations::release(self, name, holder).await
                }
            }

            impl std::fmt::Debug for $Store {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    // Not the pool: it prints the database's address and user.
                    f.debug_struct(stringify!($Store)).finish_non_exhaustive()
                }
            }
        };
    };
}

pub(crate) use connection_store;

//! Checks of a store before its first call.

use std::time::Duration;

use nango_core::{BoxError, ConnectionKey, StoreError, Timestamp, Version};

use super::backend::Backend;
use super::error::{attempt, store_error};
use super::operations::{acquire, explained, mark, page, release};
use super::schema::Schema;

/// Checks that the tables of a schema are as new as this version needs them.
pub(crate) async fn check_tables<B: Backend>(backend: &B, schema: &Schema) -> Result<(), StoreError> {
    let version = backend.schema_version(schema).await;
    match schema.missing::<B::Database>(&version) {
        Some(diagnosis) => {
            let options = backend.pool().connect_options();
            let source: BoxError = match version {
                Ok(_) => diagnosis.cause.clone().into(),
                Err(error) => error.into(),
            };
            Err(store_error::<B::Database>(attempt::CHECK_TABLES, Some(&options), diagnosis, source))
        }
        None => explained(backend, attempt::CHECK_TABLES, version).await.map(drop),
    }
}

/// Checks that a store could serve a call, with every privilege that calls need but those to insert
/// and delete connections.
pub(crate) async fn check<B: Backend>(backend: &B) -> Result<(), StoreError> {
    check_tables(backend, backend.schema()).await?;
    page(backend, None, 1).await?;
    // No integration has an empty name: this writes no row, and is refused where writes are.
    mark(backend, &[ConnectionKey::new("", "")], Timestamp::now()).await?;
    // Checks that run at once take different leases, so that each of them writes.
    let name = format!("check {:x}", Version::random().raw());
    acquire(backend, &name, "check", Duration::from_secs(1)).await?;
    release(backend, &name, "check").await
}

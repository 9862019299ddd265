//! The classification of failures.

use std::borrow::Borrow;

use nango_core::{BoxError, StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

/// Classifies an error of the database itself, by its code.
type DatabaseKind = fn(&dyn DatabaseError) -> StoreErrorKind;

/// Wraps a failure, which may be shared by several changes. Its text is never formatted: databases
/// quote keys and values.
pub(crate) fn store_error<E>(error: E, database_kind: DatabaseKind) -> StoreError
where
    E: Borrow<sqlx::Error> + Into<BoxError>,
{
    StoreError::new(kind(error.borrow(), database_kind), error)
}

pub(crate) fn kind(error: &sqlx::Error, database_kind: DatabaseKind) -> StoreErrorKind {
    use sqlx::Error;

    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
            StoreErrorKind::Unavailable
        }
        Error::Database(error) => database_kind(error.as_ref()),
        Error::ColumnDecode { .. } | Error::Decode(_) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

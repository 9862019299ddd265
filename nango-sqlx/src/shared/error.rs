//! What a database's failure means to whoever asked the store.

use nango_core::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

/// Keeps the failure as the source. Its text is never formatted: databases quote keys and values.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    StoreError::new(kind(&error), error)
}

/// The same for a failure that several changes met together.
#[cfg(feature = "sqlite")]
pub(crate) fn shared_error(error: std::sync::Arc<sqlx::Error>) -> StoreError {
    StoreError::new(kind(&error), error)
}

/// Whether everything else would fail now, too.
#[cfg(feature = "sqlite")]
pub(crate) fn is_unavailable(error: &sqlx::Error) -> bool {
    kind(error) == StoreErrorKind::Unavailable
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
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

fn database_kind(error: &dyn DatabaseError) -> StoreErrorKind {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return crate::mysql::kind(error.number());
    }
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        return crate::postgres::kind(error.code());
    }
    #[cfg(feature = "sqlite")]
    if let Some(code) = crate::sqlite::code(error) {
        return crate::sqlite::kind(code);
    }
    StoreErrorKind::Other
}

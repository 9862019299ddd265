//! Failures of the database.

use nango_core::{StoreCause, StoreError, StoreErrorKind};

/// Classifies a failure: a server that is away, shuts down or has no room may recover. The cause is the code alone, since databases
/// quote keys and values in their texts.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    use sqlx::Error::{ColumnDecode, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};

    let code = error.as_database_error().and_then(|error| Some(error.code()?.into_owned()));
    let kind = match &error {
        Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed => StoreErrorKind::Unavailable,
        ColumnDecode { .. } => StoreErrorKind::Corrupt,
        _ if code.as_deref().is_some_and(may_recover) => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Other,
    };
    let cause = code.map(|code| StoreCause::new(format!("SQLSTATE {code}")).with_code(code));
    let error = StoreError::new(kind, error);
    match cause {
        Some(cause) => error.with_cause(cause),
        None => error,
    }
}

/// Connection lost, conflict of transactions, no resources, shut down or cancelled, system error; and a lock that was not available.
fn may_recover(code: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "55P03"
}

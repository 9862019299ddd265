//! Failures of the database.

use nango_core::{StoreCause, StoreError, StoreErrorKind};
use sqlx::postgres::PgDatabaseError;

/// Classifies a failure: a server that is away, shuts down or has no room may recover.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    use sqlx::Error::{ColumnDecode, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};

    let found = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let kind = match (&error, found) {
        (Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed, _) => StoreErrorKind::Unavailable,
        (ColumnDecode { .. }, _) => StoreErrorKind::Corrupt,
        (_, Some(found)) if may_recover(found.code()) => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Other,
    };
    let (cause, remedy) = (found.map(cause), found.and_then(|found| remedy(found.code())));
    let mut error = StoreError::new(kind, error);
    if let Some(cause) = cause {
        error = error.with_cause(cause);
    }
    if let Some(remedy) = remedy {
        error = error.with_remedy(remedy);
    }
    error
}

/// Connection lost, conflict of transactions, no resources, shut down or cancelled, system error; and a lock that was not available.
fn may_recover(code: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "55P03"
}

/// Returns the code, and the names of the tables' parts. Never the message or the detail, which quote keys and values.
fn cause(error: &PgDatabaseError) -> StoreCause {
    let names = [("table", error.table()), ("column", error.column()), ("constraint", error.constraint())];
    let names = names.into_iter().filter_map(|(part, name)| Some(format!(", {part} {}", name?)));
    let text: String = std::iter::once(format!("SQLSTATE {}", error.code())).chain(names).collect();
    StoreCause::new(text).with_code(error.code().to_owned())
}

/// Returns what the table lacks, or the statements.
fn remedy(code: &str) -> Option<&'static str> {
    match code {
        "22001" => Some("widen the columns of the key to 255 characters, or to TEXT"),
        "23502" => Some("drop NOT NULL from the column, or give it a default"),
        "42703" => {
            Some("compare the columns in store.rs and rows.rs with those of the table: one has another name")
        }
        "42P01" => Some(
            "compare the tables in store.rs, rows.rs and lease.rs with those of the database: one has another name",
        ),
        "42P10" => Some("add a UNIQUE constraint on the two columns of the key"),
        _ => None,
    }
}

//! The classification of SQLite's errors.

use std::borrow::Borrow;

use nango_core::{BoxError, StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use crate::shared;

pub(super) fn store_error(error: impl Borrow<sqlx::Error> + Into<BoxError>) -> StoreError {
    shared::store_error(error, kind)
}

/// Returns true if every other statement would fail now, too.
pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    shared::kind(error, kind) == StoreErrorKind::Unavailable
}

pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    // BUSY and LOCKED
    error.as_database_error().and_then(code).is_some_and(|code| matches!(code, 5 | 6))
}

/// The primary result code, without the bits of the extended one.
fn code(error: &dyn DatabaseError) -> Option<i32> {
    error.try_downcast_ref::<SqliteError>()?;
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    match code(error) {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR; FULL, CANTOPEN, PROTOCOL
        Some(5..=10 | 13..=15) => StoreErrorKind::Unavailable,
        // CORRUPT
        Some(11) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

//! SQLite's words for the tokens of the templates, the classification of its errors, and retries while
//! the file is locked.

use std::borrow::Borrow;
use std::time::{Duration, Instant};

use nango_core::{BoxError, StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use crate::shared::Dialect;
use crate::shared::error;
use crate::shared::sql::{LIVE, OR_NOTHING, PENDING};

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // Texts compare and sort by their bytes by default.
        ("{bytes}", "TEXT"),
        ("{integer}", "INTEGER"),
        ("{flag}", "INTEGER"),
        ("{text}", "TEXT"),
        ("{table}", " STRICT"),
        ("{where live}", LIVE),
        ("{where pending}", PENDING),
        ("{or nothing}", OR_NOTHING),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "sqlite");
}

pub(super) fn store_error(error: impl Borrow<sqlx::Error> + Into<BoxError>) -> StoreError {
    error::store_error(error, kind)
}

/// Returns true if every other statement would fail now, too.
pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    error::kind(error, kind) == StoreErrorKind::Unavailable
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

/// The longest wait for a lock of another process: half of the ten seconds that Nango gives a
/// webhook.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(20);

/// Retries what fails since the database is locked. SQLite's own busy time-out does not cover the
/// switch to WAL, which needs the file exclusively.
pub(super) async fn retry_while_locked<T, F>(attempt: impl Fn() -> F) -> sqlx::Result<T>
where
    F: Future<Output = sqlx::Result<T>>,
{
    let began = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_locked(&error) && began.elapsed() < LOCK_TIMEOUT => {
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

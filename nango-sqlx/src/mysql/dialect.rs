//! MySQL's words for the tokens of the templates, and the classification of its errors.

use nango_core::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::shared::Dialect;
use crate::shared::error;

/// The width of `{bytes}`: 255 characters of four bytes.
pub(super) const MAX_BYTES: usize = 1020;

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // A text that compares and sorts by its bytes: every collation of UTF-8 takes some
        // different texts for equal, if only those that differ in trailing spaces.
        ("{bytes}", "VARBINARY(1020)"),
        ("{integer}", "BIGINT"),
        ("{flag}", "BOOLEAN"),
        ("{text}", "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
        ("{table}", " ENGINE = InnoDB ROW_FORMAT = DYNAMIC"),
        ("{where live}", ""),
        ("{where pending}", ""),
        ("{or nothing}", ""),
        // Two ranges of the primary key. For the shorter `(integration, connection_id) > (?, ?)`
        // MySQL reads the whole table.
        ("{after cursor}", "(integration = $1 AND connection_id > $2) OR integration > $3"),
        ("{limit after cursor}", "$4"),
        ("{is}", "<=>"),
        ("{now}", "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"),
    ],
    numbers_parameters: false,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "mysql");
}

/// A row with this key exists.
const DUPLICATE: u16 = 1062;

pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    error::store_error(error, kind)
}

pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    number(error) == Some(DUPLICATE)
}

/// Returns true for a conflict with another transaction. A duplicate is one in a batch, which
/// inserts only rows that it has found missing.
pub(super) fn is_serialization_conflict(error: &sqlx::Error) -> bool {
    // Record changed since the snapshot, and deadlock.
    number(error).is_some_and(|number| matches!(number, 1020 | 1213 | DUPLICATE))
}

/// Returns true if the statement of a migration has been applied already.
pub(super) fn is_already_migrated(error: &sqlx::Error) -> bool {
    // Table exists, duplicate column, duplicate index.
    number(error).is_some_and(|number| matches!(number, 1050 | 1060 | 1061 | DUPLICATE))
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?;
    Some(error.try_downcast_ref::<MySqlDatabaseError>()?.number())
}

fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else {
        return StoreErrorKind::Other;
    };
    match error.number() {
        // Conflicts that outlast all retries.
        1020 | DUPLICATE | 1213 => StoreErrorKind::Unavailable,
        // Server shutdown, and failures of the network.
        1077..=1079 | 1158..=1161 => StoreErrorKind::Unavailable,
        // Disk full, out of memory, too many connections, shutdown, table full, too many
        // connections of this user, lock wait timeout, read only, interrupted, connection lost,
        // query timeout.
        1021 | 1037 | 1038 | 1040 | 1041 | 1053 | 1114 | 1203 | 1205 | 1226 | 1290 | 1317 | 1792 | 1836
        | 1927 | 1969 | 3024 | 4031 => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Other,
    }
}

//! PostgreSQL's words for the tokens of the templates, and the classification of its errors.

use nango_core::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

use crate::shared::Dialect;
use crate::shared::error;
use crate::shared::sql::{LIVE, OR_NOTHING, PENDING};

pub(super) const DIALECT: Dialect = Dialect {
    tokens: &[
        // A text that compares and sorts by its bytes.
        ("{bytes}", "TEXT COLLATE \"C\""),
        ("{integer}", "BIGINT"),
        ("{flag}", "BOOLEAN"),
        ("{text}", "TEXT"),
        ("{table}", ""),
        ("{where live}", LIVE),
        ("{where pending}", PENDING),
        ("{or nothing}", OR_NOTHING),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{now}", "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "postgres");
}

pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    error::store_error(error, kind)
}

pub(super) fn is_serialization_conflict(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // `serialization_failure` and `deadlock_detected`.
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    let code = error.code().unwrap_or_default();
    // SQLSTATE classes: connection exception, transaction rollback, insufficient resources,
    // operator intervention, system error.
    let classes = ["08", "40", "53", "57", "58"];
    // `read_only_sql_transaction`, on a server that is no longer the primary, and
    // `lock_not_available`.
    if classes.iter().any(|class| code.starts_with(class)) || matches!(&*code, "25006" | "55P03") {
        StoreErrorKind::Unavailable
    } else {
        StoreErrorKind::Other
    }
}

//! MySQL's words for the tokens of the templates, and the meaning of its codes.

use nango_core::StoreErrorKind;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlDatabaseError};

use crate::shared::diagnosis::host_and_port;
use crate::shared::meaning::{
    self, AUTHENTICATION_FAILED, CONFLICT, CONNECTION_LOST, CONSTRAINT_VIOLATED, DATABASE_MISSING, DISK_FULL,
    LOCKED, Meaning, OUT_OF_RESOURCES, PERMISSION_DENIED, READ_ONLY, SHUTTING_DOWN, TIMED_OUT,
    TOO_MANY_CONNECTIONS, UNDEFINED_COLUMN, UNDEFINED_TABLE,
};
use crate::shared::{Diagnose, Dialect};

/// The width of `{bytes}`: 255 characters of four bytes.
pub(super) const MAX_BYTES: usize = 1020;

pub(super) const DIALECT: Dialect = Dialect {
    folder: "mysql",
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
        ("{as lease}", ""),
        // An upsert has no condition.
        ("{or prolong}", ""),
        // Two ranges of the primary key. For the shorter `(integration, connection_id) > (?, ?)`
        // MySQL reads the whole table.
        ("{after cursor}", "(integration = $1 AND connection_id > $2) OR integration > $3"),
        ("{limit after cursor}", "$4"),
        ("{is}", "<=>"),
        (
            "{count of migrations}",
            "SELECT COUNT(*) FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = '{prefix}migrations'",
        ),
        ("{now}", "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"),
    ],
    numbers_parameters: false,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "nango_", crate::shared::MIGRATIONS);
}

/// A row with this key exists.
const DUPLICATE: u16 = 1062;

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

const CODES: &[(u16, Meaning)] = &[
    (1020, CONFLICT),
    (1021, DISK_FULL),
    (1037, OUT_OF_RESOURCES),
    (1038, OUT_OF_RESOURCES),
    (1040, TOO_MANY_CONNECTIONS),
    (1041, OUT_OF_RESOURCES),
    (1044, PERMISSION_DENIED),
    (1045, AUTHENTICATION_FAILED),
    (1046, DATABASE_MISSING),
    (1049, DATABASE_MISSING),
    (1053, SHUTTING_DOWN),
    (1054, UNDEFINED_COLUMN),
    (DUPLICATE, CONFLICT),
    (1077, SHUTTING_DOWN),
    (1078, SHUTTING_DOWN),
    (1079, SHUTTING_DOWN),
    (1114, DISK_FULL),
    (1142, PERMISSION_DENIED),
    (1143, PERMISSION_DENIED),
    (1146, UNDEFINED_TABLE),
    (1158, CONNECTION_LOST),
    (1159, CONNECTION_LOST),
    (1160, CONNECTION_LOST),
    (1161, CONNECTION_LOST),
    (1203, TOO_MANY_CONNECTIONS),
    (1205, LOCKED),
    (1213, CONFLICT),
    (1226, TOO_MANY_CONNECTIONS),
    (1227, PERMISSION_DENIED),
    (1243, STATEMENT_MISSING),
    (1290, READ_ONLY),
    (1317, TIMED_OUT),
    (1461, OUT_OF_RESOURCES),
    (1644, CONSTRAINT_VIOLATED),
    (1698, AUTHENTICATION_FAILED),
    (1792, READ_ONLY),
    (1836, READ_ONLY),
    (1927, CONNECTION_LOST),
    (1969, TIMED_OUT),
    (3024, TIMED_OUT),
    (3819, CONSTRAINT_VIOLATED),
    (4025, CONSTRAINT_VIOLATED),
    (4031, CONNECTION_LOST),
];

const STATEMENT_MISSING: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "a prepared statement is missing",
    remedy: "let the proxy in between keep a session on one connection of the server, or connect without it",
};

impl Diagnose for MySql {
    const URL: &'static str = "mysql://USER:PASSWORD@HOST:PORT/DATABASE";

    fn meaning(error: &dyn DatabaseError) -> Option<Meaning> {
        let number = error.try_downcast_ref::<MySqlDatabaseError>()?.number();
        meaning::find(CODES, |code| *code == number)
    }

    fn code(error: &dyn DatabaseError) -> Option<(String, String)> {
        let number = error.try_downcast_ref::<MySqlDatabaseError>()?.number();
        Some((number.to_string(), format!("MySQL error {number}")))
    }

    fn place(options: &MySqlConnectOptions) -> Option<String> {
        Some(match options.get_socket() {
            Some(socket) => socket.to_string_lossy().into_owned(),
            None => host_and_port(options.get_host(), options.get_port()),
        })
    }
}

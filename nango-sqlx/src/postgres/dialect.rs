//! PostgreSQL's words for the tokens of the templates, and the meaning of its codes.

use nango_core::StoreErrorKind;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, Postgres};

use crate::shared::diagnosis::host_and_port;
use crate::shared::meaning::{
    self, AUTHENTICATION_FAILED, CONFLICT, CONNECTION_LOST, CONSTRAINT_VIOLATED, DATABASE_MISSING, DISK_FULL,
    LOCKED, Meaning, OUT_OF_RESOURCES, PERMISSION_DENIED, READ_ONLY, SHUTTING_DOWN, SYSTEM_ERROR, TIMED_OUT,
    TOO_MANY_CONNECTIONS, UNDEFINED_COLUMN, UNDEFINED_TABLE,
};
use crate::shared::sql::{LIVE, OR_NOTHING, OR_PROLONG, PENDING};
use crate::shared::{Diagnose, Dialect};

pub(super) const DIALECT: Dialect = Dialect {
    folder: "postgres",
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
        ("{as lease}", " AS l"),
        ("{or prolong}", OR_PROLONG),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{skip locked}", " FOR UPDATE SKIP LOCKED"),
        // `to_regclass` would not see a table that another transaction has created since this one
        // began.
        (
            "{count of migrations}",
            "SELECT COUNT(*) FROM pg_catalog.pg_tables \
             WHERE tablename = '{prefix}migrations' AND schemaname = ANY (current_schemas(FALSE))",
        ),
        ("{now}", "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "nango_", crate::shared::MIGRATIONS);
    let events = crate::shared::schema::EVENT_MIGRATIONS;
    crate::shared::schema::assert_published(&DIALECT, "nango_events_", events);
}

pub(super) fn is_serialization_conflict(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // `serialization_failure` and `deadlock_detected`.
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

/// SQLSTATEs, and then their classes.
const CODES: &[(&str, Meaning)] = &[
    ("23505", CONSTRAINT_VIOLATED),
    ("25006", READ_ONLY),
    ("08P01", REFUSED_BY_POOLER),
    ("26000", STATEMENT_MISSING),
    ("28000", AUTHENTICATION_FAILED),
    ("28P01", AUTHENTICATION_FAILED),
    ("3D000", DATABASE_MISSING),
    ("3F000", SCHEMA_MISSING),
    ("42501", PERMISSION_DENIED),
    ("42703", UNDEFINED_COLUMN),
    ("42P01", UNDEFINED_TABLE),
    ("42P05", STATEMENT_EXISTS),
    ("53100", DISK_FULL),
    ("53300", TOO_MANY_CONNECTIONS),
    ("55P03", LOCKED),
    ("57014", TIMED_OUT),
    ("57P01", SHUTTING_DOWN),
    ("57P02", SHUTTING_DOWN),
    ("57P03", SHUTTING_DOWN),
    ("XX001", CORRUPT),
    ("XX002", CORRUPT),
    // Connection exception, constraint, transaction rollback, insufficient resources, operator
    // intervention, system error.
    ("08", CONNECTION_LOST),
    ("23", CONSTRAINT_VIOLATED),
    ("40", CONFLICT),
    ("53", OUT_OF_RESOURCES),
    ("57", SHUTTING_DOWN),
    ("58", SYSTEM_ERROR),
];

const CORRUPT: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "the database's files are corrupt",
    remedy: "restore a backup, or rebuild the index that the server's log names",
};
/// Every error of pgbouncer's own.
const REFUSED_BY_POOLER: Meaning = Meaning {
    kind: StoreErrorKind::Unavailable,
    name: "a pooler in between refuses or ends the connection",
    remedy: "retry; look at the pooler's log",
};
const PARAMETER_REFUSED: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "a pooler in between refuses a parameter of the connection",
    remedy: "leave `options` out of the URL, call `extra_float_digits(None)` on the connect options of a pool of \
             your own, or list both in the pooler's `ignore_startup_parameters`",
};
const TRANSACTION_POOLING: &str = "a pooler in between changes the connection: \
     set `Options::transaction_pooling`, or let the pooler pool sessions";
const STATEMENT_EXISTS: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "a prepared statement exists already",
    remedy: TRANSACTION_POOLING,
};
const STATEMENT_FOREIGN: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "a prepared statement is another client's",
    remedy: TRANSACTION_POOLING,
};
const STATEMENT_MISSING: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "a prepared statement is missing",
    remedy: TRANSACTION_POOLING,
};
const SCHEMA_MISSING: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "the schema does not exist",
    remedy: "create it, or correct the user's `search_path`",
};

impl Diagnose for Postgres {
    const URL: &'static str = "postgres://USER:PASSWORD@HOST:PORT/DATABASE";

    fn meaning(error: &dyn DatabaseError) -> Option<Meaning> {
        let code = error.code()?;
        if code == "08P01" {
            // Servers in other languages are rare enough.
            let message = error.message();
            if message.starts_with("unsupported startup parameter") {
                return Some(PARAMETER_REFUSED);
            } else if message.starts_with("bind message supplies") {
                return Some(STATEMENT_FOREIGN);
            }
        }
        meaning::find(CODES, |entry| code.starts_with(entry))
    }

    fn code(error: &dyn DatabaseError) -> Option<(String, String)> {
        // Functions of an app can raise codes of their own.
        let code =
            error.code().filter(|code| code.len() == 5 && code.bytes().all(|c| c.is_ascii_alphanumeric()))?;
        Some((code.to_string(), format!("SQLSTATE {code}")))
    }

    fn place(options: &PgConnectOptions) -> Option<String> {
        let host = match options.get_socket() {
            Some(folder) => folder.to_string_lossy(),
            None => options.get_host().into(),
        };
        Some(host_and_port(&host, options.get_port()))
    }
}

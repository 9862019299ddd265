//! SQLite's words for the tokens of the templates, the meaning of its codes, and retries while
//! the file is locked.

use std::time::{Duration, Instant};

use nango_core::StoreErrorKind;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteError};

use crate::shared::diagnosis::diagnose;
use crate::shared::meaning::{
    CONSTRAINT_VIOLATED, DISK_FULL, LOCKED, Meaning, OUT_OF_RESOURCES, PERMISSION_DENIED, READ_ONLY,
    SYSTEM_ERROR, TIMED_OUT, UNDEFINED_COLUMN, UNDEFINED_TABLE,
};
use crate::shared::sql::{LIVE, OR_NOTHING, OR_PROLONG, PENDING};
use crate::shared::{Diagnose, Dialect};

pub(super) const DIALECT: Dialect = Dialect {
    folder: "sqlite",
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
        ("{as lease}", " AS l"),
        ("{or prolong}", OR_PROLONG),
        ("{after cursor}", "(integration, connection_id) > ($1, $2)"),
        ("{limit after cursor}", "$3"),
        ("{is}", "IS NOT DISTINCT FROM"),
        ("{skip locked}", ""),
        (
            "{count of migrations}",
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '{prefix}migrations'",
        ),
        ("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
    ],
    numbers_parameters: true,
};

#[test]
fn published_migrations_are_the_rendered_templates() {
    crate::shared::schema::assert_published(&DIALECT, "nango_", crate::shared::MIGRATIONS);
    let events = crate::shared::schema::EVENT_MIGRATIONS;
    crate::shared::schema::assert_published(&DIALECT, "nango_events_", events);
}

/// Returns true if every other statement would fail now, too.
pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    diagnose::<Sqlite>(error).kind == StoreErrorKind::Unavailable
}

pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    // BUSY and LOCKED
    error.as_database_error().and_then(primary_code).is_some_and(|code| matches!(code, 5 | 6))
}

const ERROR: i32 = 1;

/// Primary result codes, with their names.
const CODES: &[(i32, &str, Meaning)] = &[
    (3, "SQLITE_PERM", PERMISSION_DENIED),
    (5, "SQLITE_BUSY", LOCKED),
    (6, "SQLITE_LOCKED", LOCKED),
    (7, "SQLITE_NOMEM", OUT_OF_RESOURCES),
    (8, "SQLITE_READONLY", Meaning { remedy: WRITABLE, ..READ_ONLY }),
    (9, "SQLITE_INTERRUPT", TIMED_OUT),
    (10, "SQLITE_IOERR", SYSTEM_ERROR),
    (11, "SQLITE_CORRUPT", CORRUPT),
    (13, "SQLITE_FULL", DISK_FULL),
    (14, "SQLITE_CANTOPEN", CANNOT_OPEN),
    (15, "SQLITE_PROTOCOL", LOCKED),
    (19, "SQLITE_CONSTRAINT", CONSTRAINT_VIOLATED),
    (26, "SQLITE_NOTADB", NOT_A_DATABASE),
];

const WRITABLE: &str = "let this program write to the file and to its folder";
const CANNOT_OPEN: Meaning = Meaning {
    kind: StoreErrorKind::Unavailable,
    name: "the file cannot be opened",
    remedy: "create the file or its folder, and let this program write there",
};
const CORRUPT: Meaning = Meaning {
    kind: StoreErrorKind::Corrupt,
    name: "the file is corrupt",
    remedy: "restore a backup; `PRAGMA integrity_check` says more",
};
const NOT_A_DATABASE: Meaning = Meaning {
    kind: StoreErrorKind::Other,
    name: "the file is not a SQLite database, or is encrypted",
    remedy: "correct its name in the URL",
};

impl Diagnose for Sqlite {
    const URL: &'static str = "sqlite://FILE";
    const UNREACHABLE: &'static str = WRITABLE;

    fn meaning(error: &dyn DatabaseError) -> Option<Meaning> {
        let code = primary_code(error)?;
        if code == ERROR {
            // One code for all that is wrong in a statement. The text has the difference.
            let text = error.message();
            let is_column = text.starts_with("no such column") || text.contains(" has no column named ");
            return match text.starts_with("no such table") {
                true => Some(UNDEFINED_TABLE),
                false => is_column.then_some(UNDEFINED_COLUMN),
            };
        }
        CODES.iter().find(|(entry, ..)| *entry == code).map(|(.., meaning)| *meaning)
    }

    fn code(error: &dyn DatabaseError) -> Option<(String, String)> {
        let primary = primary_code(error)?;
        let code = error.code()?.into_owned();
        let name = match CODES.iter().find(|(entry, ..)| *entry == primary) {
            Some((_, name, _)) => name,
            None if primary == ERROR => "SQLITE_ERROR",
            None => return Some((code.clone(), format!("SQLite code {code}"))),
        };
        Some((code.clone(), format!("{name}, code {code}")))
    }

    /// The name of the file. Its folders may have the name of a person.
    fn place(options: &SqliteConnectOptions) -> Option<String> {
        let name = options.get_filename().file_name()?.to_string_lossy();
        // So sqlx calls a database without a file.
        let has_file = !name.starts_with("file:sqlx-in-memory") && name != ":memory:";
        has_file.then(|| name.into_owned())
    }
}

/// The primary result code, without the bits of the extended one.
fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    error.try_downcast_ref::<SqliteError>()?;
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
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

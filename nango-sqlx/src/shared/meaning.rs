//! Meanings of databases' codes, in words that all of them share.

use nango_core::StoreErrorKind;

/// The meaning of a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) kind: StoreErrorKind,
    pub(crate) name: &'static str,
    pub(crate) remedy: &'static str,
}

impl Meaning {
    const fn other(name: &'static str, remedy: &'static str) -> Self {
        Self { kind: StoreErrorKind::Other, name, remedy }
    }

    const fn unavailable(name: &'static str, remedy: &'static str) -> Self {
        Self { kind: StoreErrorKind::Unavailable, name, remedy }
    }
}

/// Returns the meaning of the first code that matches.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn find<C>(table: &[(C, Meaning)], matches: impl Fn(&C) -> bool) -> Option<Meaning> {
    table.iter().find(|(code, _)| matches(code)).map(|(_, meaning)| *meaning)
}

// Refusals, which last until a person acts.

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const AUTHENTICATION_FAILED: Meaning = Meaning::other(
    "authentication failed",
    "correct the user or the password, or let the user log in from this host",
);
pub(crate) const CONSTRAINT_VIOLATED: Meaning = Meaning::other(
    "a constraint is violated",
    "remove constraints and triggers that are not the store's from its tables",
);
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const DATABASE_MISSING: Meaning =
    Meaning::other("the database does not exist", "create it, or correct its name in the URL");
pub(crate) const PERMISSION_DENIED: Meaning = Meaning::other(
    "permission denied",
    "grant the user SELECT, INSERT, UPDATE and DELETE on the tables, and the right to make them where the store migrates",
);
pub(crate) const UNDEFINED_COLUMN: Meaning = Meaning::other(
    "undefined column",
    "the tables are another version's: let the store migrate them, or apply the files of nango-sqlx's folder `migrations`",
);
pub(crate) const UNDEFINED_TABLE: Meaning = Meaning::other(
    "undefined table",
    "the tables are missing: let the store migrate them, or apply the files of nango-sqlx's folder `migrations`",
);

// States that can pass by themselves.

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const CONFLICT: Meaning = Meaning::unavailable(
    "conflicts with other transactions outlasted all retries",
    "retry; look for other writers of the tables",
);
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const CONNECTION_LOST: Meaning =
    Meaning::unavailable("the connection was lost", "retry; look at the server's log");
pub(crate) const DISK_FULL: Meaning =
    Meaning::unavailable("the disk is full", "free space where the database keeps its files");
pub(crate) const LOCKED: Meaning =
    Meaning::unavailable("locked by another writer", "retry; look for a transaction that stays open");
pub(crate) const OUT_OF_RESOURCES: Meaning = Meaning::unavailable(
    "out of memory or another resource",
    "retry; raise the limit that the database's log names",
);
pub(crate) const READ_ONLY: Meaning =
    Meaning::unavailable("the database is read-only", "connect to the primary, or end the read-only mode");
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const SHUTTING_DOWN: Meaning =
    Meaning::unavailable("the server is starting or shutting down", "retry once the server is up");
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) const SYSTEM_ERROR: Meaning =
    Meaning::unavailable("the database's system failed", "look at its disk and its log");
pub(crate) const TIMED_OUT: Meaning = Meaning::unavailable(
    "the statement was interrupted, or ran into its time-out",
    "retry; raise the time-out if the database is slow",
);
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const TOO_MANY_CONNECTIONS: Meaning = Meaning::unavailable(
    "too many connections",
    "lower `max_connections` of the pools, or raise the server's limit",
);

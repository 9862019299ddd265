//! Errors of sqlx in texts that are safe to log.
//!
//! The driver's own texts are read and never shown: databases quote keys and values in them.

use std::borrow::Cow;
use std::io;

use nango_core::{DetailsError, StoreCause, StoreErrorKind};
use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Connection, Database};

use super::meaning::{Meaning, UNDEFINED_COLUMN};
use super::row::column_name;
use StoreErrorKind::{Corrupt, Other, Unavailable};

/// The connect options of a database.
pub(crate) type ConnectOptions<DB> = <<DB as Database>::Connection as Connection>::Options;

/// A database's part in the description of its errors.
pub(crate) trait Diagnose: Database {
    /// The form of its URLs.
    const URL: &'static str;

    /// The advice for a server that cannot be reached.
    const UNREACHABLE: &'static str =
        "is the server running there, and does a firewall let this host through?";

    /// Returns the meaning of an error's code.
    fn meaning(error: &dyn DatabaseError) -> Option<Meaning>;

    /// Returns an error's code, and the code as a text shows it.
    fn code(error: &dyn DatabaseError) -> Option<(String, String)>;

    /// Returns where the database is: never its user, password or parameters.
    fn place(options: &ConnectOptions<Self>) -> Option<String>;
}

/// Joins a host and a port. The host may be the folder of a Unix socket.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn host_and_port(host: &str, port: u16) -> String {
    match host {
        host if host.starts_with('/') => host.to_owned(),
        host if host.contains(':') && !host.starts_with('[') => format!("[{host}]:{port}"),
        host => format!("{host}:{port}"),
    }
}

/// The facts about a failure.
pub(crate) struct Diagnosis {
    pub(crate) kind: StoreErrorKind,
    pub(crate) cause: StoreCause,
    pub(crate) remedy: Cow<'static, str>,
}

impl Diagnosis {
    pub(crate) fn new(
        kind: StoreErrorKind,
        cause: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, cause: StoreCause::new(cause), remedy: remedy.into() }
    }
}

const WRITTEN_BY_OTHERS: &str =
    "look for other writers of the table, and for a newer version of this library";

pub(crate) fn diagnose<DB: Diagnose>(error: &sqlx::Error) -> Diagnosis {
    use sqlx::Error;

    match error {
        // sqlx's text for a server of MySQL that wants the password encrypted, and contains nothing else.
        Error::Configuration(source) if source.to_string().starts_with("RSA auth backend disabled") => {
            Diagnosis::new(
                Other,
                "the server takes the password only encrypted, and the connection has no TLS",
                "enable the feature `rustls` or `native-tls` of nango-sqlx and TLS at the server, or the feature \
                 `mysql-rsa` of sqlx",
            )
        }
        Error::Configuration(_) => {
            Diagnosis::new(Other, "the URL or one of its options is invalid", format!("write {}", DB::URL))
        }
        Error::Database(error) => of_database::<DB>(error.as_ref()),
        Error::Io(error) => of_io(error, DB::UNREACHABLE),
        Error::Tls(source) => of_tls(source),
        Error::Protocol(_) => Diagnosis::new(
            Other,
            "the server sent what its protocol does not allow",
            format!("is it {} that answers there, without a pooler or proxy in between?", DB::NAME),
        ),
        Error::ColumnDecode { index, source } => {
            let column = column_name(index).map_or_else(|| "a column".to_owned(), |name| format!("`{name}`"));
            let what =
                if source.is::<sqlx::error::UnexpectedNullError>() { "is NULL" } else { "cannot be decoded" };
            Diagnosis::new(Corrupt, format!("a row cannot be read: {column} {what}"), WRITTEN_BY_OTHERS)
        }
        Error::Decode(source) => Diagnosis {
            kind: Corrupt,
            cause: ours(source.as_ref()).unwrap_or_else(|| StoreCause::new("a row cannot be read")),
            remedy: WRITTEN_BY_OTHERS.into(),
        },
        Error::ColumnNotFound(_) | Error::ColumnIndexOutOfBounds { .. } => {
            Diagnosis::new(Other, UNDEFINED_COLUMN.name, UNDEFINED_COLUMN.remedy)
        }
        Error::PoolTimedOut => Diagnosis::new(
            Unavailable,
            "the pool had no connection in time",
            "retry; raise `max_connections` or `acquire_timeout` of the pool if this goes on",
        ),
        Error::PoolClosed => Diagnosis::new(
            Unavailable,
            "the pool is closed",
            "close the pool only after the last call of the store",
        ),
        Error::WorkerCrashed => Diagnosis::new(
            Unavailable,
            "the task that talks to the database has ended",
            "keep the runtime of the store's calls running until they return",
        ),
        _ => Diagnosis::new(Other, "the database driver failed", "report this as a bug of nango-sqlx"),
    }
}

fn of_database<DB: Diagnose>(error: &dyn DatabaseError) -> Diagnosis {
    let (name, kind, remedy) = match DB::meaning(error) {
        Some(meaning) => (Some(meaning.name), meaning.kind, meaning.remedy),
        None => (None, Other, "look the code up in the database's manual, and look at the server's log"),
    };
    let cause = match (name, DB::code(error)) {
        (Some(name), Some((code, shown))) => StoreCause::new(format!("{name} ({shown})")).with_code(code),
        (None, Some((code, shown))) => StoreCause::new(shown).with_code(code),
        (name, None) => StoreCause::new(name.unwrap_or("the database refused the statement")),
    };
    Diagnosis { kind, cause, remedy: remedy.into() }
}

fn of_io(error: &io::Error, unreachable: &'static str) -> Diagnosis {
    let cause = error.get_ref().and_then(ours);
    let kind = error.kind();
    let (text, remedy) = match kind {
        // The only kind of the standard library that says nothing, and the only text of its own.
        _ if error.to_string().starts_with("failed to lookup address information") => {
            ("the host's name cannot be resolved".to_owned(), "correct the host, or repair name resolution")
        }
        io::ErrorKind::InvalidData => (
            "the server sent invalid data".to_owned(),
            "compare its certificate with the TLS options of the URL, and the port with the server's",
        ),
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
            (kind.to_string(), "retry; look at the server's log, and check that the port is the database's")
        }
        kind => (kind.to_string(), unreachable),
    };
    let cause = cause.unwrap_or_else(|| StoreCause::new(text)).with_io_kind(kind);
    Diagnosis { kind: Unavailable, cause, remedy: remedy.into() }
}

/// The two texts are sqlx's own and contain nothing else.
fn of_tls(source: &BoxDynError) -> Diagnosis {
    let text = source.to_string();
    if text.contains("built without TLS") {
        Diagnosis::new(
            Other,
            "the URL demands TLS, which this build does not have",
            "enable the feature `rustls` or `native-tls` of nango-sqlx",
        )
    } else if text.contains("does not support TLS") {
        Diagnosis::new(
            Other,
            "the URL demands TLS, which the server does not offer",
            "turn TLS on at the server, or set `sslmode=prefer` (PostgreSQL) or `ssl-mode=PREFERRED` (MySQL)",
        )
    } else {
        Diagnosis::new(
            Unavailable,
            "the TLS handshake failed",
            "compare the server's certificate and its host name with the TLS options of the URL",
        )
    }
}

/// The cause in an error that this library made.
fn ours(source: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<StoreCause> {
    if let Some(cause) = source.downcast_ref::<StoreCause>() {
        return Some(cause.clone());
    }
    source.downcast_ref::<DetailsError>().map(|error| StoreCause::new(error.to_string()))
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use sqlx::Postgres;

    use super::*;

    /// `error_if_unavailable` of sqlx-core makes this text in a build without TLS.
    #[test]
    fn a_build_without_tls_names_the_feature() {
        let text = "TLS upgrade required by connect options but SQLx was built without TLS support enabled";
        let diagnosis = diagnose::<Postgres>(&sqlx::Error::Tls(text.into()));
        assert_eq!(diagnosis.cause.to_string(), "the URL demands TLS, which this build does not have");
        assert_eq!(diagnosis.remedy, "enable the feature `rustls` or `native-tls` of nango-sqlx");
        assert_eq!(diagnosis.kind, Other);
    }

    #[test]
    fn no_text_of_a_driver_is_shown() {
        let boxed = || BoxDynError::from("c0ffee");
        let text = || "c0ffee".to_owned();
        for error in [
            sqlx::Error::AnyDriverError(boxed()),
            sqlx::Error::ColumnDecode { index: text(), source: boxed() },
            sqlx::Error::ColumnNotFound(text()),
            sqlx::Error::Configuration(boxed()),
            sqlx::Error::Decode(boxed()),
            sqlx::Error::Encode(boxed()),
            sqlx::Error::InvalidArgument(text()),
            sqlx::Error::Io(io::Error::other("c0ffee")),
            sqlx::Error::Protocol(text()),
            sqlx::Error::Tls(boxed()),
            sqlx::Error::TypeNotFound { type_name: text() },
        ] {
            let Diagnosis { cause, remedy, .. } = diagnose::<Postgres>(&error);
            assert!(!format!("{cause:?} {remedy}").contains("c0ffee"), "{error}");
        }
    }
}

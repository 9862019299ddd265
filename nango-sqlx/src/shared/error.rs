//! From an error of sqlx to an error of a store: what failed and where, the cause, what to do.

use std::borrow::Borrow;
use std::time::Duration;

use nango_core::{BoxError, StoreError, StoreErrorKind};
use sqlx::pool::Pool;
use sqlx::{ConnectOptions as _, Connection};

use super::diagnosis::{ConnectOptions, Diagnose, Diagnosis, diagnose};

/// The attempts of a store, each as it follows "could not".
pub(crate) mod attempt {
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) const CLAIM: &str = "claim events";
    pub(crate) const CHECK_TABLES: &str = "check the tables";
    pub(crate) const CONNECT: &str = "connect to the database";
    pub(crate) const MARK: &str = "mark connections";
    pub(crate) const MIGRATE: &str = "migrate the tables";
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) const PUSH: &str = "queue an event";
    pub(crate) const READ: &str = "read connections";
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) const READ_EVENTS: &str = "read the event queue";
    pub(crate) const RELEASE: &str = "release the lease";
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) const SETTLE: &str = "settle events";
    pub(crate) const TAKE: &str = "take the lease";
    pub(crate) const WRITE: &str = "write connections";
}

/// The longest attempt to find out why a pool had no connection. The caller has waited for five
/// seconds already, and Nango waits for ten.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// Describes a failure, which may be shared by several changes.
pub(crate) async fn explain<DB, E>(attempt: &'static str, pool: &Pool<DB>, error: E) -> StoreError
where
    DB: Diagnose,
    E: Borrow<sqlx::Error> + Into<BoxError>,
{
    let options = pool.connect_options();
    let diagnosis = match error.borrow() {
        sqlx::Error::PoolTimedOut => diagnose_timeout(pool, &options).await,
        error => diagnose::<DB>(error),
    };
    store_error::<DB>(attempt, Some(&options), diagnosis, error)
}

/// Describes a URL that is not one of this database.
pub(crate) fn invalid_url<DB: Diagnose>(error: sqlx::Error) -> StoreError {
    store_error::<DB>(attempt::CONNECT, None, diagnose::<DB>(&error), error)
}

pub(crate) fn store_error<DB: Diagnose>(
    attempt: &'static str,
    options: Option<&ConnectOptions<DB>>,
    Diagnosis { kind, cause, remedy }: Diagnosis,
    source: impl Into<BoxError>,
) -> StoreError {
    let error = StoreError::new(kind, source).with_attempt(attempt).with_cause(cause).with_remedy(remedy);
    match options.and_then(DB::place) {
        Some(place) => error.with_place(place),
        None => error,
    }
}

/// A pool retries while a server refuses connections, and then says only that it timed out. One
/// connection without it shows the reason.
async fn diagnose_timeout<DB: Diagnose>(pool: &Pool<DB>, options: &ConnectOptions<DB>) -> Diagnosis {
    let timeout = pool.options().get_acquire_timeout();
    let most = pool.options().get_max_connections();
    if pool.size() >= most {
        return Diagnosis::new(
            StoreErrorKind::Unavailable,
            format!("all connections of the pool ({most}) were in use for {timeout:?}"),
            "look for calls that keep a connection, or raise `max_connections` of the pool",
        );
    }
    match tokio::time::timeout(PROBE_TIMEOUT, options.connect()).await {
        Ok(Err(error)) => diagnose::<DB>(&error),
        Ok(Ok(connection)) => {
            // It has served its purpose.
            let _ = connection.close_hard().await;
            diagnose::<DB>(&sqlx::Error::PoolTimedOut)
        }
        Err(_) => diagnose::<DB>(&sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

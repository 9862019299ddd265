//! The app as its users and Nango see it, with a Nango for localhost and a PostgreSQL.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod browser;
mod connections;
mod database;
mod logins;
mod mails;
mod process;
mod rig;

/// Marks tests that need a PostgreSQL at `NANGO_TEST_POSTGRES_URL`: without it they are ignored.
macro_rules! needs_postgres {
    ($($test:item)*) => {
        $(#[tokio::test] #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")] $test)*
    };
}

pub(crate) use needs_postgres;

//! [`ConnectionStore`](nango_core::ConnectionStore) and [`EventQueue`](nango_core::EventQueue) on SQL databases, through
//! [sqlx](https://docs.rs/sqlx/0.9) 0.9, which is re-exported as [`sqlx`].
//!
//! | Feature | Store | Tested with |
//! |---|---|---|
//! | `sqlite` | `SqliteStore`, `SqliteEventQueue` | the bundled SQLite |
//! | `postgres` | `PostgresStore`, `PostgresEventQueue` | PostgreSQL 15, also behind pgbouncer 1.18 |
//! | `mysql` | `MySqlStore` | MariaDB 10.11; for MySQL 8, see the README |
//! | `rustls`, `native-tls` | | TLS to a server |
//!
//! The constructors of a store create its tables and migrate older ones, also when several
//! instances of an app start together. The tables stand beside the app's own and can share its
//! pool; their names begin with `nango_`, or with the prefix set in `Options`. For apps that run
//! migrations with a tool of their own, the crate's folder `migrations` has them as files.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod options;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod shared;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use options::Options;

/// The sqlx whose pools the stores take: 0.9. Pools of another version are other types. An app that
/// has such a pool makes one of these beside it, or gives a store the URL.
#[doc(no_inline)]
pub use sqlx;

#[cfg(feature = "mysql")]
pub use mysql::MySqlStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresEventQueue, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteEventQueue, SqliteStore};

/// Compiles the README's code.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;

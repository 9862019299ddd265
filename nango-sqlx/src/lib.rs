//! [`ConnectionStore`](nango_core::ConnectionStore) on SQL databases, through [sqlx](https://docs.rs/sqlx).
//!
//! | Feature | Store |
//! |---|---|
//! | `sqlite` | [`SqliteStore`] |
//!
//! A store makes its own tables when it is made, and brings older ones up to date. They live beside the app's tables and
//! share its pool, if it has one: all their names begin with `nango_`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "sqlite"), expect(dead_code, unused_imports, reason = "what the databases share"))]

mod batch;
mod dialect;
mod error;
mod row;
mod schema;
mod statements;

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

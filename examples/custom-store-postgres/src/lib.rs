//! A store over PostgreSQL tables that an app already has, with uuid keys, to copy from.
//!
//! It is `examples/custom-store` for several instances on one server. What differs:
//!
//! - keys of the app are uuids, while owners are texts ([`User`] converts),
//! - the app's columns have the database's collation, while a store sorts byte by byte,
//! - a slice of keys is read in one statement, and a mark is one,
//! - leases let one instance sweep at a time.
//!
//! It needs the migration that adds the store's columns, [`migrations/2_nango.sql`](NANGO_SCHEMA), the `impl ConnectionStore`
//! of [`Connections`], and a test that runs `store_suite!` on it, here with a schema for each case. `main.rs` and `login.rs` are the
//! rest of an app on Axum.

mod errors;
mod lease;
mod login;
mod rows;
#[cfg(test)]
mod schema;
mod store;
#[cfg(test)]
mod tests;

use nango_core::TagMapper;
use uuid::Uuid;

pub use store::Connections;

/// The app's own tables.
pub const APP_SCHEMA: &str = include_str!("../migrations/1_app.sql");

/// The migration that lets the app's table take the store's rows, and adds the store's columns, indexes and leases.
pub const NANGO_SCHEMA: &str = include_str!("../migrations/2_nango.sql");

/// A user of the app.
#[derive(Debug, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// The key of the table `users`.
    #[nango(id)]
    pub id: Uuid,
}

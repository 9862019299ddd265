//! A store over tables that an app already has, to copy from.
//!
//! `nango-sqlx` creates tables of its own. This example is for an app that has `users` and
//! `connections` already, joins them in its queries, keeps columns of its own in them, and has its
//! own pool. It needs
//!
//! 1. a migration that adds the store's columns: [`migrations/2_nango.sql`](NANGO_SCHEMA),
//! 2. an `impl ConnectionStore`: [`Connections`], in `src/store.rs`,
//! 3. a test that runs the contract of a store on it: `store_suite!`, in `src/tests.rs`.
//!
//! The app then builds its handle:
//!
//! ```no_run
//! # async fn example(pool: sqlx::SqlitePool) -> Result<(), Box<dyn std::error::Error>> {
//! use custom_store::Connections;
//! use nango_core::Nango;
//!
//! let nango = Nango::from_env(Connections::new(pool))?.allowed_integrations(["slack"]);
//! # let _ = nango;
//! # Ok(())
//! # }
//! ```

mod store;
#[cfg(test)]
mod tests;

pub use store::Connections;

/// The app's own tables.
pub const APP_SCHEMA: &str = include_str!("../migrations/1_app.sql");

/// The migration that adds the store's columns and indexes.
pub const NANGO_SCHEMA: &str = include_str!("../migrations/2_nango.sql");

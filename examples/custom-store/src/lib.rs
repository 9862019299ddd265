//! The store that a team writes over tables of its own: to copy from.
//!
//! `nango-sqlx` brings its own tables. This is for an app that has `users` and `connections` already, joins them in its
//! queries, keeps columns of its own in them, and has its own pool. It takes
//!
//! 1. a migration that adds what the store needs: [`migrations/2_nango.sql`](NANGO_SCHEMA),
//! 2. an `impl ConnectionStore`: [`Connections`], in `src/store.rs`,
//! 3. one line that runs the contract of a store on it: `store_suite!`, in `src/tests.rs`.
//!
//! The app then says
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

/// The tables that the app had.
pub const APP_SCHEMA: &str = include_str!("../migrations/1_app.sql");

/// What the store needs besides.
pub const NANGO_SCHEMA: &str = include_str!("../migrations/2_nango.sql");

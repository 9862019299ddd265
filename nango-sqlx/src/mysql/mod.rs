//! MySQL and MariaDB.

mod batch;
mod dialect;
mod migrate;
mod store;
#[cfg(test)]
mod tests;

pub use store::MySqlStore;

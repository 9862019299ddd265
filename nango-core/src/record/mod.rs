//! A row of the store, and the change of one: the ground that stores and reconciliation stand on.

mod details;
mod health;
mod row;
mod state;

pub use details::{Details, DetailsError};
pub use health::{Health, UnknownHealth, UnknownHealthName};
pub use row::{Applied, Change, Record, Version};

pub(crate) use health::{Failing, HealthState};
pub(crate) use state::{Removal, Repaired, State};

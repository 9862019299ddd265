//! A row of the store, and the change of one: the ground that stores and reconciliation stand on.

mod change;
mod details;
mod health;
mod repaired;
mod row;
mod state;
mod version;

pub use change::{Applied, Change};
pub use details::{Details, DetailsError};
pub use health::{Health, UnknownHealth, UnknownHealthName};
pub use row::Record;
pub use version::Version;

pub(crate) use health::{Failing, HealthState};
pub(crate) use repaired::Repaired;
pub(crate) use state::{Removal, State};

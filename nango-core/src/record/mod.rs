//! A row of the store, and the change of one: the ground that stores and reconciliation stand on.

mod attempts;
mod cause;
mod details;
mod health;
mod label;
mod notification;
mod notified;
mod row;
mod state;

pub use cause::HealthCause;
pub use details::{Details, DetailsError};
pub use health::{Health, UnknownHealth, UnknownHealthName};
pub use row::{Applied, Change, Record, Version};

pub(crate) use attempts::Attempts;
pub(crate) use cause::Cause;
pub(crate) use health::{Failing, HealthState};
pub(crate) use label::{Label, Labelling};
pub(crate) use notified::NotifiedState;
pub(crate) use row::Transition;
pub(crate) use state::{Removal, Repaired, State};

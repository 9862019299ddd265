//! The engine: looks at Nango, writes rows, notifies the handler. The one way into the store.

mod budget;
mod counters;
mod deadlines;
#[expect(clippy::module_inception, reason = "the type that the room is named after")]
mod engine;
mod in_flight;
mod listing;
mod look;
mod marks;
mod notice;
mod notify;
mod receive;
mod repair;
mod row;
mod single_flight;
mod trigger;

pub use counters::Counters;
pub use marks::DrainReport;

pub(crate) use counters::Count;
pub(crate) use deadlines::WEBHOOK_DEADLINE;
pub(crate) use engine::{Config, Engine, Notifier};
pub(crate) use marks::Waiting;
pub(crate) use notice::Notice;
pub(crate) use row::Update;
pub(crate) use trigger::Trigger;

//! The engine: looks at Nango, writes rows, notifies the handler. The one way into the store.

mod attempts;
mod budget;
mod counters;
mod deadlines;
#[expect(clippy::module_inception, reason = "the type that the room is named after")]
mod engine;
mod environment;
mod in_flight;
mod label_turns;
mod labels;
mod listing;
mod look;
mod marks;
mod notify;
mod parts;
mod receive;
mod repair;
mod row;
mod single_flight;
mod sweepers;
mod turns;
mod waiting_attempts;

pub use counters::Counters;
pub use marks::DrainReport;

pub(crate) use budget::Spender;
pub(crate) use counters::Count;
pub(crate) use deadlines::WEBHOOK_DEADLINE;
pub(crate) use engine::{Config, Engine, Labeller, Notifier};
pub(crate) use marks::Waiting;
pub(crate) use parts::{Notice, Trigger};
pub(crate) use row::Update;
pub(crate) use sweepers::RunningSweeper;

//! The queue of events, on any database.

pub(crate) mod operations;
mod row;
mod statements;

pub(crate) use operations::{EventBackend, work_queue};
pub(crate) use row::{EventRow, event_row};
pub(crate) use statements::EventStatements;

//! Checks of the set-up: whether what the app is configured with works.

mod check;
mod report;
mod start;

pub use report::{SetupCheck, SetupReport, SetupSubject, Verdict};

pub(crate) use check::{Depth, check};
pub(crate) use start::check_at_start;

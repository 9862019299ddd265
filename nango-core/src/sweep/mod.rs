//! The sweep: a pass over everything that Nango has, and over every row.

mod cursor;
mod pages;
mod report;
mod request;
mod rows;
mod run;
mod schedule;
mod sweeper;

pub use cursor::SweepCursor;
pub use report::{Drift, DriftExample, SweepProgress, SweepReport};
pub use request::SweepRequest;
pub use sweeper::Sweeper;

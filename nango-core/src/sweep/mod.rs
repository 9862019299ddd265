//! The sweep: a pass over everything that Nango has, and over every row.

mod ahead;
mod fingerprints;
mod pages;
mod report;
mod request;
mod run;
mod schedule;
mod sweeper;

pub use report::{Drift, DriftExample, SweepCursor, SweepProgress, SweepReport};
pub use request::SweepRequest;
pub use sweeper::Sweeper;

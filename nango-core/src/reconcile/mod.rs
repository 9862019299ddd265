//! Reconciliation: from a row and an observation of Nango to the change of the row.
//!
//! Pure: no clock, no store, no network. It is the only producer of a [`Change`](crate::Change),
//! and the one place that has the rules of owners, incarnations and tombstones. The caller reads
//! the row, **then** looks at Nango, then applies the change, which carries the row's version: so a
//! look that began before another write never overwrites it.

mod context;
mod edits;
mod health;
mod looks;
mod observation;
mod outcome;
mod repair;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use context::Context;
pub(crate) use observation::Observation;
pub(crate) use outcome::{Finding, Reconciled, Repair};

//! Reconciliation: from a row and an observation of Nango to the change of the row.
//!
//! Pure: no clock, no store, no network. It is the only producer of a [`Change`](crate::Change),
//! and the one place that has the rules of owners, incarnations and tombstones. The caller reads
//! the row, **then** looks at Nango, then applies the change, which carries the row's version: so a
//! look that began before another write never overwrites it.

mod account;
mod edits;
mod health;
mod looks;
mod observation;
mod repair;
#[cfg(test)]
mod tests;

pub(crate) use observation::{Context, Finding, Observation, Reconciled, Repair};

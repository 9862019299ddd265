//! `/sync`: running, pausing and watching the app's syncs.

mod client;
mod control;
mod names;
mod status;
mod trigger;

#[cfg(test)]
pub(super) use status::Statuses;

pub use client::SyncClient;
pub use control::{SyncFrequency, SyncVariant};
pub use names::{SyncName, Syncs};
pub use status::{ExecutionStatus, SyncCounts, SyncState, SyncStatus};
pub use trigger::{Reset, SyncRuns, TriggerSyncs};

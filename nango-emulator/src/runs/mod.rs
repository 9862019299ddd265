//! Runs of deployed functions, and their webhooks (data plane reference 2, 3, 6, 7; observed on Nango
//! 0.71.4).

mod actions;
mod execute;
mod lifecycle;
mod notify;
mod schedule;
mod start;
mod states;

pub(crate) use actions::{background as action_in_background, run as run_action};
pub(crate) use lifecycle::{connection_added, connection_removed, functions_changed, integration_removed};
pub(crate) use schedule::{period, run as run_schedule};
pub(crate) use start::{on_webhook, start, trigger};
pub(crate) use states::{ensure_syncs, new_state};

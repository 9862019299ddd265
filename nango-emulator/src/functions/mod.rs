//! Syncs, records and actions of an environment without deployed functions (wire reference 7;
//! observed on Nango 0.71.4; the order of checks and the shapes read in its source).

mod actions;
mod deployed;
mod records;
mod syncs;

pub(crate) use actions::{
    action_result, create as create_variant, delete as delete_variant, invoke, trigger as action,
};
pub(crate) use deployed::{code, delete, endpoint, get, list, mcp, scripts};
pub(crate) use records::{list as records, prune};
pub(crate) use syncs::{frequency, start_or_pause, status, trigger};

//! Syncs, records, actions and deployed functions (wire reference 7, data plane reference; observed on
//! Nango 0.71.4; the order of checks read in its source).

mod actions;
mod commands;
mod deploy;
mod deployed;
mod frequency;
mod prune;
mod records;
mod scripts;
mod select;
mod status;
mod variants;

pub(crate) use actions::{result as action_result, trigger as action};
pub(crate) use commands::{pause, start, trigger};
pub(crate) use deploy::{confirm, deploy};
pub(crate) use deployed::{code, delete, get, list};
pub(crate) use frequency::update as frequency;
pub(crate) use prune::prune;
pub(crate) use records::list as records;
pub(crate) use scripts::{compile, endpoint, invoke, mcp, remote_deploy, scripts};
pub(crate) use status::status;
pub(crate) use variants::{create as create_variant, delete as delete_variant};

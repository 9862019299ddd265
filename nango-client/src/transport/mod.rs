//! Requests to Nango's API and the reading of its responses.

mod base;
mod body;
mod call;
mod envelope;
mod rate_limit;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod transport;

pub(crate) use call::{Call, Endpoint};
pub(crate) use envelope::Failure;
pub(crate) use rate_limit::retry_after;
pub(crate) use transport::Transport;

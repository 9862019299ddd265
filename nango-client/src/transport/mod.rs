//! Requests to Nango's API and the reading of its responses.

mod addresses;
mod attempts;
mod base;
mod body;
mod call;
mod call_options;
mod envelope;
mod http_client;
mod options;
mod rate_limit;
mod repeat;
mod retries;
mod sender;
#[expect(clippy::module_inception, reason = "it holds the trait that the folder is named after")]
mod transport;

pub use options::HttpOptions;
pub use rate_limit::RateLimitState;
pub use retries::RetryPolicy;
pub use transport::{ResponseBody, Transport, TransportError};

pub(crate) use addresses::{Addresses, ConnectUi};
pub(crate) use call::{Call, Endpoint};
pub(crate) use call_options::CallOptions;
pub(crate) use envelope::{Details, Failure};
pub(crate) use rate_limit::retry_after;
pub(crate) use sender::Sender;

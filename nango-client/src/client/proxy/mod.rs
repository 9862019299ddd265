//! `/proxy`: calls to providers, made by Nango with a connection's credentials.

mod client;
mod path;
mod refusal;
mod reply;
mod request;

pub use client::ProxyClient;
pub use reply::ProxyReply;
pub use request::ProxyRequest;

#[cfg(fuzzing)]
pub(super) use path::below_proxy;
pub(super) use path::leads_up;

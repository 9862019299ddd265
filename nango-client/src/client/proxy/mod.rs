//! `/proxy`: calls to providers, made by Nango with a connection's credentials.

mod client;
mod form;
mod options;
mod path;
mod refusal;
mod reply;
mod request;
mod stream;

pub use client::ProxyClient;
pub use form::Multipart;
pub use reply::ProxyReply;
pub use request::ProxyRequest;
pub use stream::ProxyStream;

#[cfg(fuzzing)]
pub(super) use path::below_proxy;
pub(super) use path::leads_up;

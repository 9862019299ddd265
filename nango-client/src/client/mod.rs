//! Nango's API: one file per resource.

mod builder;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod client;
mod connections;
#[cfg(fuzzing)]
mod fuzzing;
mod integrations;
mod list;
mod lookup;
mod metadata;
mod page;
mod proxy;
mod sessions;
mod token;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
#[cfg(fuzzing)]
pub use fuzzing::{path_below_proxy, read_page};
pub use integrations::Integration;
pub use list::{ListConnections, Pages};
pub use lookup::{Lookup, Refresh};
pub use page::{ConnectionPage, UnreadableConnection};
pub use proxy::{ProxyClient, ProxyReply, ProxyRequest};
pub use sessions::{ConnectLink, ConnectSession, IntegrationDefaults, SessionDefaults, SessionToken};
pub use token::Token;

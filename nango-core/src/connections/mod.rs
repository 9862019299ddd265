//! Connections, reached through their owners.

mod handle_keys;
mod lifecycle;
mod owned;
mod ownership;
mod provider;

pub use owned::OwnedConnection;
pub use provider::MetadataClient;

pub(crate) use handle_keys::HandleKeys;
pub(crate) use owned::{ConnectionSettings, Shared, list};
pub(crate) use ownership::adopt;

//! Connections, reached through their owners.

mod adopt;
mod check;
mod disconnect;
mod handle_keys;
mod list;
mod metadata;
mod owned;
mod provider;
mod reconnect;
mod shared;
mod transfer;

pub use metadata::MetadataClient;
pub use owned::OwnedConnection;

pub(crate) use adopt::adopt;
pub(crate) use handle_keys::HandleKeys;
pub(crate) use list::list;
pub(crate) use shared::{ConnectionSettings, Shared};

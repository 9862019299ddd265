//! Connections, reached through their owners.

mod action_result;
mod all;
mod attempt;
mod functions;
mod handle_keys;
mod label;
mod lifecycle;
mod owned;
mod ownership;
mod provider;

pub use all::{AllConnections, ConnectionsOf};
pub use attempt::{Attempt, AttemptState, Session};
pub use functions::{OwnedAction, OwnedSync};
pub use owned::OwnedConnection;
pub use provider::MetadataClient;

pub(crate) use all::find;
pub(crate) use attempt::{BegunAttempt, open};
pub(crate) use handle_keys::HandleKeys;
pub(crate) use owned::{ConnectionSettings, Shared, list, rows_of};
pub(crate) use ownership::adopt;

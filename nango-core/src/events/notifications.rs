//! The notifications of a handler.

use nango_client::AuthFailure;

use crate::connections::OwnedConnection;
use crate::owner::AttributionFailure;

/// A connection of a known owner has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectionChanged {
    /// The connection in its latest state. When it is gone, its health is
    /// [`Gone`](crate::Health::Gone).
    pub connection: OwnedConnection,
}

/// An attempt to connect or to reconnect failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectFailed {
    /// The integration.
    pub integration: String,
    /// The connection, if it was a reconnect.
    pub connection: Option<OwnedConnection>,
    /// The reason, in Nango's words.
    pub failure: Option<AuthFailure>,
}

/// Tags that do not name the owner of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Misattributed {
    /// The connection has an owner in the store, and its tags name another one. The stored owner
    /// stays.
    OwnerConflict {
        /// The connection, with its stored owner.
        connection: OwnedConnection,
    },
    /// The connection is not in the store, and its tags do not name an owner. It is not stored.
    Quarantined {
        /// The integration.
        integration: String,
        /// The reason why the tags do not name an owner.
        why: AttributionFailure,
    },
    /// The delivery comes from another environment than
    /// [`NangoBuilder::environment`](crate::NangoBuilder::environment) names: is this app's webhook
    /// URL entered there, too? The connection was not looked at.
    OtherEnvironment {
        /// The integration.
        integration: String,
        /// The environment, by name.
        environment: String,
    },
}

//! The app's handler, and its notifications.

use async_trait::async_trait;
use bytes::Bytes;
use nango_client::{AsyncActionEvent, AuthFailure, ForwardEvent, SyncEvent};

use crate::boxed::BoxError;
use crate::connections::OwnedConnection;
use crate::nango::Nango;
use crate::owner::AttributionFailure;

/// The app's reaction to events. Every method does nothing by default.
///
/// The handler never changes the answer to Nango. It runs after the state is in the store, and has
/// five seconds.
///
/// ```
/// use nango_core::{BoxError, ConnectionChanged, Health, Nango, WebhookHandler, async_trait};
///
/// struct Mailer;
///
/// #[async_trait]
/// impl WebhookHandler for Mailer {
///     async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
///         if event.connection.health() == Health::NeedsReconnect {
///             println!("ask {} to reconnect {}", event.connection.owner().kind(), event.connection.integration());
///         }
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
#[expect(unused_variables, reason = "the names are for implementations")]
pub trait WebhookHandler: Send + Sync + 'static {
    /// A connection is new, has another health, or is gone.
    ///
    /// Called with the latest state, not with every state: at least once for the last one, perhaps
    /// on several instances. The change stays pending in the store until the call returns `Ok`. A
    /// failed call is retried when the connection is next looked at, and by the task of
    /// [`spawn_sweeper`](Nango::spawn_sweeper), with growing pauses up to a minute.
    ///
    /// The handler may use the connection, also to look at it again; a change that this causes is
    /// notified after it returned.
    async fn connection_changed(&self, nango: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        Ok(())
    }

    /// An attempt to connect or to reconnect failed. Nothing has changed.
    ///
    /// Nango does not name the owner. Like all methods below it is called for a delivery, which is
    /// lost if the call fails.
    async fn connect_failed(&self, nango: &Nango, event: ConnectFailed) -> Result<(), BoxError> {
        Ok(())
    }

    /// The tags of a connection do not name its owner. Nothing was written because of it.
    async fn misattributed(&self, nango: &Nango, event: Misattributed) -> Result<(), BoxError> {
        Ok(())
    }

    /// A sync has run.
    async fn sync_completed(&self, nango: &Nango, event: SyncEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// A provider's webhook was forwarded.
    async fn webhook_forwarded(&self, nango: &Nango, event: ForwardEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// An action has ended.
    async fn action_completed(&self, nango: &Nango, event: AsyncActionEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// A verified delivery has a type that this version does not know.
    async fn unrecognized(&self, nango: &Nango, body: Bytes) -> Result<(), BoxError> {
        Ok(())
    }
}

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

//! How an app hears of what happened.

use async_trait::async_trait;

use super::{AsyncActionEvent, AuthEvent, AuthFailure, ForwardEvent, SyncEvent};
use crate::BoxError;
use crate::kinds::Unattributed;
use crate::nango::{Nango, OwnedConnection};

/// What an app does when something happens. Every method does nothing by default.
///
/// The handler never changes the answer to Nango. It runs after what it hears of is in the store, and has five seconds.
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
#[expect(unused_variables, reason = "the names are for those who implement a method")]
pub trait WebhookHandler: Send + Sync + 'static {
    /// A connection is new, has another health, or is gone.
    ///
    /// Called with the latest state, not with every state: at least once for the last one, perhaps on several instances.
    /// The store remembers that it has to be called until it returns `Ok`. A failed call is repeated when the connection is
    /// next looked at, and by the task of [`spawn_sweeper`](Nango::spawn_sweeper), with growing pauses up to a minute.
    ///
    /// It may use the connection, also to look at it again; what comes of that is told once it has returned.
    async fn connection_changed(&self, nango: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        Ok(())
    }

    /// Somebody tried to connect or to reconnect, and it did not work. Nothing has changed.
    ///
    /// Nango does not say who. Like all methods below it is called for a delivery, which is lost when it fails.
    async fn connect_failed(&self, nango: &Nango, event: ConnectFailed) -> Result<(), BoxError> {
        Ok(())
    }

    /// A connection that the app cannot have, or whose owner the tags do not confirm. Nothing was written because of it.
    async fn misattributed(&self, nango: &Nango, event: Misattributed) -> Result<(), BoxError> {
        Ok(())
    }

    /// A sync has run.
    async fn sync(&self, nango: &Nango, event: SyncEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// A provider's webhook has come.
    async fn forward(&self, nango: &Nango, event: ForwardEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// An action has ended.
    async fn async_action(&self, nango: &Nango, event: AsyncActionEvent) -> Result<(), BoxError> {
        Ok(())
    }

    /// A genuine delivery that this version does not know.
    async fn unknown(&self, nango: &Nango, body: bytes::Bytes) -> Result<(), BoxError> {
        Ok(())
    }
}

/// A connection of a known owner has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectionChanged {
    /// Its latest state. When it is gone, its health is [`Gone`](crate::Health::Gone).
    pub connection: OwnedConnection,
}

/// An attempt to connect or to reconnect did not work.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectFailed {
    /// The integration.
    pub integration: String,
    /// The connection that was to be reconnected, if it was that.
    pub connection: Option<OwnedConnection>,
    /// Why.
    pub failure: Option<AuthFailure>,
}

impl ConnectFailed {
    pub(crate) fn new(event: &AuthEvent, connection: Option<OwnedConnection>) -> Self {
        Self {
            integration: event.connection.integration().to_owned(),
            connection,
            failure: event.failure.clone(),
        }
    }
}

/// Tags that do not lead to the owner, or lead to another one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Misattributed {
    /// The connection has an owner here, and its tags name somebody else. The owner stays.
    OwnerConflict {
        /// The connection, with the owner that it keeps.
        connection: OwnedConnection,
    },
    /// The connection has no owner here, and the tags give none. It is not stored.
    Quarantined {
        /// The integration.
        integration: String,
        /// Why the tags give no owner.
        why: Unattributed,
    },
    /// The delivery is of another environment than [`Builder::environment`](crate::Builder::environment) names: is this
    /// app's webhook URL entered there, too? Nobody looked at the connection.
    OtherEnvironment {
        /// The integration.
        integration: String,
        /// The environment, by name.
        environment: String,
    },
}

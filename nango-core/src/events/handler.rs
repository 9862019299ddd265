//! The app's handler, and its notifications.

use async_trait::async_trait;
use bytes::Bytes;
use nango_client::{AsyncActionEvent, AuthFailure, ForwardEvent, SyncEvent};

use crate::boxed::BoxError;
use crate::connections::OwnedConnection;
use crate::nango::Nango;
use crate::owner::{AttributionFailure, Owner};
use crate::queue::Received;
use crate::record::{Health, HealthCause};

/// The app's reaction to events. Every method does nothing by default.
///
/// The handler runs after the state is in the store, in a task of its own: neither a request of a
/// user, nor a call such as [`OwnedConnection::disconnect`], nor the reply to Nango waits for it.
/// [`Nango::settled`] does, for tests and for a graceful stop.
///
/// A call has five seconds. At most 16 calls run at a time, in any order, those of one connection
/// one after the other. Beyond that, changes of connections stay in the store, and the task of
/// [`spawn_sweeper`](Nango::spawn_sweeper) notifies of them. The other events, which no row
/// remembers, wait for their turn: a thousand of them, or 32 MiB. Further ones are dropped, counted
/// as [`handler_failures`](crate::Counters::handler_failures), and logged.
///
/// With an [event queue](crate::NangoBuilder::event_queue), runs of syncs, forwarded webhooks and ends of actions
/// are not called for by the process that receives them: an [`EventWorker`](crate::EventWorker) calls for them, with
/// limits of its own, until a call returns `Ok`.
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
    /// on several instances. The change stays pending in the store until the call returns `Ok`, also
    /// when the process ends meanwhile. A failed call is retried when the connection is next looked
    /// at, and by the task of [`spawn_sweeper`](Nango::spawn_sweeper), with growing pauses up to a
    /// minute. An effect that must not be repeated is kept by [`ConnectionChanged::key`].
    ///
    /// The handler may use the connection, also to look at it again; a change that this causes is
    /// notified after it returned.
    async fn connection_changed(&self, nango: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        Ok(())
    }

    /// An attempt to connect or to reconnect failed. Nothing has changed.
    ///
    /// Nango does not name the owner. It is called for a delivery, which is lost if the call fails, or if
    /// the process ends before it.
    async fn connect_failed(&self, nango: &Nango, event: ConnectFailed) -> Result<(), BoxError> {
        Ok(())
    }

    /// The tags of a connection do not name its owner. Nothing was written because of it.
    async fn misattributed(&self, nango: &Nango, event: Misattributed) -> Result<(), BoxError> {
        Ok(())
    }

    /// A sync has run: there may be new records, to be read on from the app's stored position.
    ///
    /// At least once with an [event queue](crate::NangoBuilder::event_queue); at most once without. So are the
    /// two below.
    async fn sync_completed(&self, nango: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
        Ok(())
    }

    /// A provider's own webhook was forwarded.
    async fn webhook_forwarded(&self, nango: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        Ok(())
    }

    /// An action that was started without waiting has ended, with success or not:
    /// [`OwnedConnection::action_result_of`] gets its result.
    async fn action_completed(
        &self,
        nango: &Nango,
        event: Received<AsyncActionEvent>,
    ) -> Result<(), BoxError> {
        Ok(())
    }

    /// A verified delivery has a type that this version does not know, or none: a provider's webhook that Nango
    /// could not match to a connection. It is not queued.
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
    /// The state of which the app was last notified, by a call that returned `Ok`; `None` when it
    /// was never notified of a connection with this key.
    ///
    /// It can be equal to the new state: the connection broke and healed again before the app was
    /// notified, or it was made anew under the same key.
    pub before: Option<PreviousState>,
    /// The cause of a failure of the credentials, in Nango's words, for those that operate the app.
    pub cause: Option<HealthCause>,
    /// The key of this change: 32 hexadecimal digits, equal in every call for it, on every instance,
    /// and different for every other change. An app that remembers the keys of its effects can make
    /// each of them once.
    ///
    /// A change is a new connection, another health, another owner, or the end. Changes that follow
    /// each other before the app is notified are one, the last. Where the call for an older state
    /// ended after the one for the newest, which can happen with several instances, the newest
    /// state is notified again, and that counts as a further change: the older effect came last.
    ///
    /// The key is the first half of a SHA-256 of the integration, the connection id, Nango's number
    /// of the connection, the health and the time since which it holds, the owner, whether the
    /// connection is gone, and a random number that is drawn when the change is written. Without
    /// that number it reveals none of them.
    pub key: String,
}

/// The state of which the app was notified before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviousState {
    /// The health.
    pub health: Health,
    /// The owner; `None` when it was erased, as it is from a connection that has ended.
    pub owner: Option<Owner>,
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

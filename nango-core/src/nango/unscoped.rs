//! Look-ups that do not begin with an owner: for background jobs, and for events that name a connection.

use nango_client::{AsyncActionEvent, ConnectionKey, ForwardEvent, SyncEvent};

use super::handle::Nango;
use crate::connections::{ConnectionsOf, OwnedConnection, find};
use crate::error::Error;
use crate::queue::Received;

/// An event of a verified delivery that is about a connection. Implemented for [`SyncEvent`],
/// [`AsyncActionEvent`] and [`ForwardEvent`], and for nothing else.
pub trait ConnectionEvent: sealed::Sealed {
    /// Returns the key that the event names.
    fn connection_key(&self) -> &ConnectionKey;
}

mod sealed {
    #[expect(unnameable_types, reason = "no type of an app is an event")]
    pub trait Sealed {}
}

macro_rules! connection_events {
    ($($event:ty),*) => {$(
        impl sealed::Sealed for $event {}

        impl ConnectionEvent for $event {
            fn connection_key(&self) -> &ConnectionKey {
                &self.connection
            }
        }
    )*};
}

connection_events!(AsyncActionEvent, ForwardEvent, SyncEvent);

impl<E: ConnectionEvent> sealed::Sealed for Received<E> {}

impl<E: ConnectionEvent> ConnectionEvent for Received<E> {
    fn connection_key(&self) -> &ConnectionKey {
        self.event.connection_key()
    }
}

impl Nango {
    /// Walks over the connections of all owners to an integration, as the store has them: for a background
    /// job. In a request, [`connection`](Self::connection) asks for the connections of one owner.
    ///
    /// Each has its [`owner`](OwnedConnection::owner), and what the job does with it is done for that owner.
    /// It is in the state in which its page was read. Connections that have ended, and those without a
    /// known owner, are left out.
    ///
    /// The walk reads the store by key, so that connections may come and go meanwhile: each one that stays
    /// is met once.
    ///
    /// ```no_run
    /// # async fn refresh_index(_: nango_core::OwnedConnection) -> Result<(), nango_core::Error> { Ok(()) }
    /// # async fn run(nango: nango_core::Nango) -> Result<(), nango_core::Error> {
    /// use futures_util::StreamExt as _;
    /// use nango_core::Health;
    ///
    /// let mut connections = nango.connections_of("github").health([Health::Healthy]).stream();
    /// while let Some(connection) = connections.next().await {
    ///     refresh_index(connection?).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn connections_of(&self, integration: impl Into<String>) -> ConnectionsOf {
        ConnectionsOf::new(self.shared().clone(), integration.into())
    }

    /// Returns the connection that an event is about, with its owner, whom Nango does not name: the way
    /// from a sync, an action or a forwarded webhook to the owner's connection.
    ///
    /// The event is the key: only a verified delivery has one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the store does not have such a connection
    /// with an owner: it has ended, or is another app's. When the store is unavailable; and when Nango is,
    /// for a connection that was not looked at yet.
    ///
    /// ```
    /// use nango_core::{
    ///     AsyncActionEvent, BoxError, ErrorKind, Nango, Received, SyncEvent, WebhookHandler, async_trait,
    /// };
    ///
    /// # #[derive(serde::Deserialize)]
    /// # struct Issue {}
    /// # type Page = nango_core::RecordPage<Issue>;
    /// # async fn stored_position(_: &nango_core::Owner) -> Option<nango_core::Cursor> { None }
    /// # async fn store(_: &nango_core::Owner, _: Page) {}
    /// struct Mirror;
    ///
    /// #[async_trait]
    /// impl WebhookHandler for Mirror {
    ///     async fn sync_completed(&self, nango: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
    ///         let github = match nango.connection_of(&event).await {
    ///             Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
    ///             connection => connection?,
    ///         };
    ///         let position = stored_position(github.owner()).await;
    ///         let mut pages = github.records::<Issue>("Issue").after(position).limit(1000).pages();
    ///         while let Some(page) = pages.next_page().await? {
    ///             store(github.owner(), page).await; // with its position, in one transaction
    ///         }
    ///         Ok(())
    ///     }
    ///
    ///     async fn action_completed(&self, nango: &Nango, event: Received<AsyncActionEvent>) -> Result<(), BoxError> {
    ///         let github = nango.connection_of(&event).await?;
    ///         let outcome = github.action_result_of(&event)?.get::<serde_json::Value>().await?;
    ///         println!("an action of a {} has ended: {outcome:?}", github.owner().kind());
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub async fn connection_of(&self, event: &impl ConnectionEvent) -> Result<OwnedConnection, Error> {
        find(self.shared(), event.connection_key()).await
    }

    /// Returns the connection with this key, whoever owns it: for server code that has kept the key of an
    /// event or of a connection, such as a worker of a queue.
    ///
    /// Never for a key that a request names: it would give each caller any owner's connection. A page
    /// names a connection by its [handle](OwnedConnection::handle).
    ///
    /// ```no_run
    /// # use nango_core::{ConnectionKey, Error, Nango};
    /// # async fn run(nango: Nango, key: ConnectionKey) -> Result<(), Error> {
    /// let connection = nango.unscoped_connection(&key).await?;
    /// println!("of a {}", connection.owner().kind());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`connection_of`](Self::connection_of).
    pub async fn unscoped_connection(&self, key: &ConnectionKey) -> Result<OwnedConnection, Error> {
        find(self.shared(), key).await
    }
}

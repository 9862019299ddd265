//! The handler of events, and the list of those handled.

use nango_core::{
    AsyncActionEvent, BoxError, ConnectionEvent, ErrorKind, EventKind, ForwardEvent, Nango, OwnerIdentity,
    Received, SyncEvent, TagMapper, WebhookHandler, async_trait,
};
use serde_json::{Value, json};
use tracing::{debug, error};

use crate::inbox::{Handled, Inbox};

/// Keeps a row for each event. A real app does its work here: it reads the records of the sync, or what the
/// provider's webhook is about.
pub struct Handler(pub Inbox);

impl Handler {
    async fn keep<E>(
        &self,
        nango: &Nango,
        event: &Received<E>,
        kind: EventKind,
        model: Option<&str>,
    ) -> Result<(), BoxError>
    where
        Received<E>: ConnectionEvent,
    {
        let connection = match nango.connection_of(event).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                debug!(key = event.key, "dropped a {kind} event of a connection that is not one of ours");
                return Ok(());
            }
            connection => connection?,
        };
        let row = Handled::now(&event.key, kind, connection.integration(), model);
        Ok(self.0.insert(connection.owner(), &row).await?)
    }
}

#[async_trait]
impl WebhookHandler for Handler {
    async fn sync_completed(&self, nango: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
        self.keep(nango, &event, EventKind::Sync, event.model.as_deref()).await
    }

    async fn webhook_forwarded(&self, nango: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
        self.keep(nango, &event, EventKind::Forward, None).await
    }

    async fn action_completed(
        &self,
        nango: &Nango,
        event: Received<AsyncActionEvent>,
    ) -> Result<(), BoxError> {
        self.keep(nango, &event, EventKind::AsyncAction, None).await
    }
}

/// `GET /events`: returns the status and body of the reply.
pub async fn list(inbox: &Inbox, owner: &impl TagMapper) -> (u16, Value) {
    match inbox.list(OwnerIdentity::of(owner).owner()).await {
        Ok(rows) => (200, json!(rows)),
        Err(error) => {
            error!("cannot list the handled events: {error}");
            (503, json!({"error": {"code": "store_unavailable", "message": "the database is unavailable"}}))
        }
    }
}

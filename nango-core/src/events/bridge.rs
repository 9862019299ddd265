//! The bridge from the engine's rows to the app's handler.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::handler::{ConnectFailed, ConnectionChanged, Misattributed, PreviousState, WebhookHandler};
use crate::boxed::BoxError;
use crate::connections::{ConnectionSettings, OwnedConnection, Shared};
use crate::engine::{Engine, Labeller, Notice, Notifier};
use crate::nango::{Nango, Settings};
use crate::queue::{EventContent, QueuedEvent, Received};
use crate::record::Record;

/// Hands the engine's notifications to the app's handler, with the handle that it expects.
pub(crate) struct Bridge {
    pub(crate) handler: Box<dyn WebhookHandler>,
    pub(crate) connections: Arc<ConnectionSettings>,
    pub(crate) settings: Arc<Settings>,
}

impl Bridge {
    fn shared(&self, engine: &Engine) -> Shared {
        Shared::new(engine.clone(), self.connections.clone())
    }
}

/// The app's function for labels.
pub(crate) type LabelFn = Box<
    dyn Fn(OwnedConnection) -> Pin<Box<dyn Future<Output = Result<Option<String>, BoxError>> + Send>>
        + Send
        + Sync,
>;

/// Asks the app's function for labels, with the connection that it expects.
pub(crate) struct Asking {
    pub(crate) label: LabelFn,
    pub(crate) connections: Arc<ConnectionSettings>,
}

#[async_trait]
impl Labeller for Asking {
    async fn label(&self, engine: &Engine, row: &Record) -> Result<Option<String>, BoxError> {
        let shared = Shared::new(engine.clone(), self.connections.clone());
        match OwnedConnection::of_row(&shared, row) {
            Some(connection) => (self.label)(connection).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Notifier for Bridge {
    async fn connection_changed(&self, engine: &Engine, row: &Record) -> Result<(), BoxError> {
        let shared = self.shared(engine);
        // The engine notifies only of rows that name an owner.
        let Some(connection) = OwnedConnection::of_row(&shared, row) else { return Ok(()) };
        let nango = Nango::new(shared, self.settings.clone());
        let state = row.state();
        let before = state.notified.as_ref();
        let event = ConnectionChanged {
            connection,
            before: before.map(|before| PreviousState { health: before.health, owner: before.owner.clone() }),
            cause: state.health.cause(),
            key: row.notification_key(),
        };
        self.handler.connection_changed(&nango, event).await
    }

    async fn event(&self, engine: &Engine, event: &QueuedEvent) -> Result<(), BoxError> {
        let nango = Nango::new(self.shared(engine), self.settings.clone());
        match event.content().clone() {
            EventContent::AsyncAction(content) => {
                self.handler.action_completed(&nango, Received::new(event, content)).await
            }
            EventContent::Forward(content) => {
                self.handler.webhook_forwarded(&nango, Received::new(event, content)).await
            }
            EventContent::Sync(content) => {
                self.handler.sync_completed(&nango, Received::new(event, content)).await
            }
        }
    }

    async fn notice(&self, engine: &Engine, notice: Notice) -> Result<(), BoxError> {
        let shared = self.shared(engine);
        let owned = |row: Record| OwnedConnection::of_row(&shared, &row);
        let nango = Nango::new(shared.clone(), self.settings.clone());
        let misattributed = match notice {
            Notice::ConnectFailed { event, live } => {
                let integration = event.connection.integration().to_owned();
                let failed =
                    ConnectFailed { integration, connection: live.and_then(owned), failure: event.failure };
                return self.handler.connect_failed(&nango, failed).await;
            }
            Notice::Event(event) => return self.event(engine, &event).await,
            Notice::Unrecognized(body) => return self.handler.unrecognized(&nango, body).await,
            Notice::OtherEnvironment { integration, environment } => {
                Misattributed::OtherEnvironment { integration, environment }
            }
            Notice::OwnerConflict(row) => match owned(row) {
                Some(connection) => Misattributed::OwnerConflict { connection },
                None => return Ok(()),
            },
            Notice::Quarantined { integration, why } => Misattributed::Quarantined { integration, why },
        };
        self.handler.misattributed(&nango, misattributed).await
    }
}

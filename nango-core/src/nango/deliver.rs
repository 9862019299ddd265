//! What a genuine delivery makes us do.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout, timeout_at};

use super::counters::Count;
use super::look::{Observed, Reason};
use super::{Nango, OwnedConnection};
use crate::error::{Error, ErrorKind};
use crate::reconcile::Finding;
use crate::webhook::{
    AsyncActionEvent, AuthEvent, ConnectFailed, Delivery, ForwardEvent, Misattributed, Operation, SyncEvent,
    Verified,
};

/// How long a delivery may wait for a look, its own or one that is shared, before it leaves a mark. Nango waits longer, and
/// the route gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(7);

/// How long after it came a delivery is answered although the app's handler is not done. It goes on by itself.
const ANSWER: Duration = Duration::from_secs(9);

impl Nango {
    /// Does what a delivery calls for: looks at the connection and writes down what it sees, then tells the app's handler.
    ///
    /// For routes of the app's own; the ready-made one does this too. The delivery is only a hint where to look.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked: nothing was written, and Nango should try again. When it is Nango that cannot be
    /// asked, a mark is written, which [`drain`](Self::drain) and [`spawn_sweeper`](Self::spawn_sweeper) look after.
    pub async fn receive(&self, delivery: &Verified) -> Result<(), Error> {
        self.count(Count::Deliveries);
        match delivery.delivery() {
            Delivery::Auth(event) => self.receive_auth(&event).await?,
            Delivery::Sync(event) => self.tell(Notice::Sync(event)).await,
            Delivery::Forward(event) => self.tell(Notice::Forward(event)).await,
            Delivery::AsyncAction(event) => self.tell(Notice::AsyncAction(event)).await,
            Delivery::Unknown(body) => self.tell(Notice::Unknown(body)).await,
        }
        Ok(())
    }

    async fn receive_auth(&self, event: &AuthEvent) -> Result<(), Error> {
        let answer_at = Instant::now() + ANSWER;
        let integration = event.connection.integration();
        if !event.connection.is_possible() {
            tracing::warn!("a webhook names a connection that nango itself would refuse; ignored");
            return Ok(());
        }
        if let (Some(ours), Some(theirs)) = (&self.0.environment, &event.environment)
            && ours != theirs
        {
            self.count(Count::OtherEnvironment);
            tracing::warn!(
                integration,
                "a webhook comes from another environment of nango; ignored. Is this app's webhook URL entered there, too?"
            );
            let (integration, environment) = (integration.to_owned(), theirs.clone());
            let notice = Misattributed::OtherEnvironment { integration, environment };
            self.tell(Notice::Misattributed(notice)).await;
            return Ok(());
        }
        if !self.0.budget.may_look() {
            return self.put_off(event).await;
        }
        let look = timeout(PATIENCE, self.observe_quietly(&event.connection, Reason::Hint(event)));
        let look = look.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable)));
        let observed = match look {
            Ok(observed) => observed,
            Err(error) => return self.look_later(event, error).await,
        };
        // A task of its own: nobody cuts the handler off, neither the answer that is due nor who hangs up.
        let (nango, event) = (self.clone(), event.clone());
        let telling = tokio::spawn(async move { nango.tell_of_auth(&event, observed).await });
        match timeout_at(answer_at, telling).await {
            Ok(Ok(told)) => told,
            // What the state does not remember may be lost when the runtime ends now. The rest is told later.
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    async fn tell_of_auth(&self, event: &AuthEvent, observed: Observed) -> Result<(), Error> {
        let integration = event.connection.integration();
        let row = self.announce(observed.row).await?;
        let live = row.filter(|row| !row.removed).and_then(|row| OwnedConnection::of_row(self, &row));
        match observed.finding {
            Finding::Nothing | Finding::Changed => {}
            Finding::OwnerConflict => {
                tracing::warn!(integration, "the tags of a connection name another owner; ours stays");
                if let Some(connection) = live.clone() {
                    self.tell(Notice::Misattributed(Misattributed::OwnerConflict { connection })).await;
                }
            }
            Finding::Quarantined(why) => {
                tracing::warn!(integration, %why, "a connection belongs to nobody here; not stored");
                let integration = integration.to_owned();
                self.tell(Notice::Misattributed(Misattributed::Quarantined { integration, why })).await;
            }
        }
        let attempt = matches!(event.operation, Operation::Creation | Operation::Override);
        if attempt && !event.success {
            self.tell(Notice::ConnectFailed(ConnectFailed::new(event, live))).await;
        }
        Ok(())
    }

    /// A look that did not work is our problem and not the connection's: its state stays, and a mark says to look again.
    async fn look_later(&self, event: &AuthEvent, error: Error) -> Result<(), Error> {
        match error.kind() {
            ErrorKind::Store => Err(error),
            ErrorKind::Refused => {
                tracing::warn!(%error, "nango refuses to look for a connection that a webhook names; ignored");
                Ok(())
            }
            _ => {
                let integration = event.connection.integration();
                tracing::warn!(integration, %error, "could not look at a connection; marked to look again");
                self.put_off(event).await
            }
        }
    }

    async fn put_off(&self, event: &AuthEvent) -> Result<(), Error> {
        self.mark(&event.connection).await?;
        self.count(Count::Marked);
        Ok(())
    }

    async fn tell(&self, notice: Notice) {
        let Some(app) = &self.0.handler else { return };
        self.is_heard(async {
            match notice {
                Notice::AsyncAction(event) => app.async_action(self, event).await,
                Notice::ConnectFailed(event) => app.connect_failed(self, event).await,
                Notice::Forward(event) => app.forward(self, event).await,
                Notice::Misattributed(event) => app.misattributed(self, event).await,
                Notice::Sync(event) => app.sync(self, event).await,
                Notice::Unknown(body) => app.unknown(self, body).await,
            }
        })
        .await;
    }
}

/// What the app hears of once, at most: no state remembers it.
enum Notice {
    AsyncAction(AsyncActionEvent),
    ConnectFailed(ConnectFailed),
    Forward(ForwardEvent),
    Misattributed(Misattributed),
    Sync(SyncEvent),
    Unknown(Bytes),
}

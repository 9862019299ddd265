//! Deliveries: a verified webhook, and what it makes the engine do.

use nango_client::{AuthEvent, Delivery, Operation, Verified};
use tokio::time::timeout;

use super::budget::Spender;
use super::counters::Count;
use super::deadlines::{LOOK_WAIT, PUSH};
use super::engine::Engine;
use super::parts::{Looked, Notice, Trigger};
use crate::error::{Error, ErrorKind};
use crate::owner::AttributionFailure;
use crate::queue::QueuedEvent;
use crate::reconcile::Finding;
use crate::report::BackgroundFailure;
use crate::store::{StoreError, StoreErrorKind};

impl Engine {
    /// Processes a delivery. An error means that nothing was written and Nango should send it
    /// again.
    pub(crate) async fn receive(&self, delivery: &Verified) -> Result<(), Error> {
        self.count(Count::Deliveries);
        let Delivery::Auth(event) = delivery.delivery() else {
            self.record_delivery(None);
            // In a box: a delivery of a connection does not take the memory of an event.
            return Box::pin(self.receive_other(delivery)).await;
        };
        self.record_delivery(event.environment.clone());
        if let Some(looked) = self.receive_auth(&event).await? {
            self.notify_of_event(event, looked);
        }
        Ok(())
    }

    async fn receive_other(&self, delivery: &Verified) -> Result<(), Error> {
        match QueuedEvent::of(delivery) {
            Some(event) => self.receive_event(event).await,
            None => {
                self.send_notice(Notice::Unrecognized(delivery.body().clone()));
                Ok(())
            }
        }
    }

    /// Puts an event into the queue, or notifies the handler of it where there is none.
    async fn receive_event(&self, event: QueuedEvent) -> Result<(), Error> {
        let Some(queue) = &self.event_queue else {
            self.send_notice(Notice::Event(event));
            return Ok(());
        };
        let integration = event.connection().integration().to_owned();
        let bytes = event.to_json().len();
        if bytes > queue.max_bytes() {
            self.reporter.report(BackgroundFailure::EventTooLarge {
                integration,
                bytes,
                limit: queue.max_bytes(),
            });
            self.count(Count::EventsRefused);
            return Err(Error::because(ErrorKind::TooLarge, "the event queue takes no event of this size"));
        }
        // rule: queued-before-answer
        let pushed = timeout(PUSH, queue.push(&event)).await.unwrap_or_else(|_| {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            Err(StoreError::new(StoreErrorKind::Unavailable, late).with_attempt("queue an event"))
        });
        self.count(if pushed.is_ok() { Count::EventsQueued } else { Count::EventsRefused });
        Ok(pushed?)
    }

    /// Looks at the connection of an event; `None` if there is nothing to notify the handler of, or not yet.
    async fn receive_auth(&self, event: &AuthEvent) -> Result<Option<Looked>, Error> {
        if !event.connection.is_possible() {
            tracing::warn!("a webhook names a connection that nango itself would refuse; ignored");
            return Ok(None);
        }
        if let (Some(ours), Some(theirs)) = (&self.environment, &event.environment)
            // rule: environment
            && ours != theirs
        {
            self.ignore_other_environment(event, theirs);
            return Ok(None);
        }
        // rule: failed-creation
        if self.hanging.contains(&event.connection) || !self.take_look(Spender::Delivery) {
            self.defer(event).await?;
            return Ok(None);
        }
        // In a box: a delivery that is only marked does not take the memory of a look.
        let look = Box::pin(self.look(&event.connection, Trigger::Webhook(event)));
        let outcome = timeout(LOOK_WAIT, look)
            .await
            .unwrap_or_else(|_| Err(Error::because(ErrorKind::Unavailable, "nango did not answer in time")));
        match outcome {
            Ok(looked) => Ok(Some(looked)),
            Err(error) => Box::pin(self.defer_after(event, error)).await.map(|()| None),
        }
    }

    fn ignore_other_environment(&self, event: &AuthEvent, environment: &str) {
        self.count(Count::OtherEnvironment);
        let (integration, environment) = (event.connection.integration().to_owned(), environment.to_owned());
        self.reporter.report(BackgroundFailure::OtherEnvironment { environment: environment.clone() });
        self.send_notice(Notice::OtherEnvironment { integration, environment });
    }

    /// Begins to notify the handler of what a delivery was about.
    fn notify_of_event(&self, event: AuthEvent, looked: Looked) {
        let integration = event.connection.integration();
        self.notify(looked.row.as_ref());
        let live = looked.row.filter(|row| !row.removed && row.owner.is_some());
        match looked.finding {
            Finding::Nothing | Finding::Changed => {}
            Finding::OwnerConflict => {
                self.reporter
                    .report(BackgroundFailure::OwnerConflict { integration: integration.to_owned() });
                if let Some(row) = live.clone() {
                    self.send_notice(Notice::OwnerConflict(row));
                }
            }
            Finding::Quarantined(why) => {
                let integration = integration.to_owned();
                match why {
                    // As it should be where apps share an environment.
                    AttributionFailure::ForeignKind | AttributionFailure::MissingKind => {
                        tracing::debug!(integration, "a connection of another app was not stored: {why}");
                    }
                    _ => {
                        let integration = integration.clone();
                        self.reporter.report(BackgroundFailure::Misattributed { integration, why });
                    }
                }
                self.send_notice(Notice::Quarantined { integration, why });
            }
        }
        if matches!(event.operation, Operation::Creation | Operation::Override) && !event.success {
            self.send_notice(Notice::ConnectFailed { event, live });
        }
    }

    /// Marks the connection after a failed look. The failure says nothing about the connection,
    /// whose state stays.
    async fn defer_after(&self, event: &AuthEvent, error: Error) -> Result<(), Error> {
        match error.kind() {
            // rule: store-unavailable
            ErrorKind::Store => Err(error),
            ErrorKind::Refused | ErrorKind::InvalidRequest => {
                tracing::warn!(%error, "nango refuses the look at a connection that a webhook names; ignored");
                Ok(())
            }
            _ => {
                let integration = event.connection.integration().to_owned();
                self.reporter.report(BackgroundFailure::Look { integration, error });
                self.defer(event).await
            }
        }
    }

    async fn defer(&self, event: &AuthEvent) -> Result<(), Error> {
        // rule: mark
        self.mark(&event.connection).await?;
        self.count(Count::Marked);
        Ok(())
    }
}

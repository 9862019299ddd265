//! Notifications of the app's handler, in tasks of their own: no caller waits for the app.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use nango_client::ConnectionKey;
use tokio::time::timeout;

use super::counters::Count;
use super::deadlines::HANDLER;
use super::engine::Engine;
use super::in_flight::ConnectionFlight;
use super::parts::Notice;
use super::row::WRITE_ATTEMPTS;
use crate::boxed::BoxError;
use crate::error::Error;
use crate::queue::QueuedEvent;
use crate::record::Record;
use crate::report::{BackgroundFailure, HandlerError};

/// The outcome of [`Engine::notify_and_wait`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notified {
    /// The handler was notified of the latest state before.
    Already,
    /// The handler was notified of the latest state.
    Announced,
    /// Another task notifies the handler.
    InFlight,
    /// The handler failed.
    Failed,
}

impl Engine {
    /// Begins to notify the handler of a row that it was not notified of. Beyond the limit of
    /// handlers, the row stays pending, and a sweeper's task notifies of it.
    pub(crate) fn notify(&self, row: Option<&Record>) {
        let Some(row) = row.filter(|row| self.is_pending(row)) else { return };
        // First: a notification in flight has to learn of the row, also when no turn is left.
        let Some(flight) = self.in_flight.begin_of(row) else { return };
        let Some(turn) = self.turns.try_take() else { return self.leave_to_sweeper() };
        let (engine, row) = (self.clone(), row.clone());
        tokio::spawn(async move {
            let integration = row.key.integration().to_owned();
            match engine.notify_in_flight(flight, row).await {
                Ok(true) => {}
                Ok(false) => engine.leave_to_sweeper(),
                Err(error) => {
                    engine.reporter.report(BackgroundFailure::Notification { integration, error });
                    engine.leave_to_sweeper();
                }
            }
            drop(turn);
        });
    }

    /// Notifies the handler of the latest state of a connection, if it was not notified of it, and
    /// waits for it, and before that for a turn.
    pub(crate) async fn notify_and_wait(&self, key: &ConnectionKey) -> Result<Notified, Error> {
        if self.in_flight.contains(key) {
            return Ok(Notified::InFlight);
        }
        let _turn = self.turns.take().await;
        let Some(row) = self.row(key).await?.filter(|row| !row.announced) else {
            return Ok(Notified::Already);
        };
        let Some(flight) = self.in_flight.begin_of(&row) else { return Ok(Notified::InFlight) };
        let is_announced = self.notify_in_flight(flight, row).await?;
        Ok(if is_announced { Notified::Announced } else { Notified::Failed })
    }

    /// Waits until the notifications that have begun before this call have ended.
    pub(crate) async fn settled(&self) {
        self.in_flight.settled().await;
    }

    fn is_pending(&self, row: &Record) -> bool {
        !row.announced && row.owner.is_some() && self.notifier.is_some()
    }

    /// Notifies the handler until it was last notified of the latest state, and returns whether it
    /// was.
    async fn notify_in_flight(&self, mut flight: ConnectionFlight, pending: Record) -> Result<bool, Error> {
        let mut notified = pending;
        for _ in 0..WRITE_ATTEMPTS {
            if !self.notify_once(&notified).await {
                // rule: handler
                return Ok(false);
            }
            // Where another writer, the handler itself perhaps, has changed the state since, the
            // handler is notified again, even if another instance has done so: this notification
            // came last, and was older.
            notified = match self.record_ack(&notified).await? {
                // rule: last-notified
                Some(newer) if !newer.is_mark() && !newer.is_same_notification(&notified) => {
                    let owner = newer.owner.clone().or(notified.owner);
                    Record { owner, ..newer }
                }
                current => match self.end(&mut flight).await? {
                    Some(newer) => newer,
                    None => return Ok(current.is_none_or(|row| row.announced)),
                },
            };
        }
        Ok(false)
    }

    /// Ends a notification, or returns the row that was to be notified meanwhile.
    async fn end(&self, flight: &mut ConnectionFlight) -> Result<Option<Record>, Error> {
        // rule: requested-meanwhile
        while !flight.end_unless_requested() {
            let row = self.row(flight.key()).await?.filter(|row| self.is_pending(row));
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    async fn notify_once(&self, row: &Record) -> bool {
        match &self.notifier {
            Some(notifier) if row.owner.is_some() => {
                self.call_handler(
                    Some(row.key.integration().to_owned()),
                    notifier.connection_changed(self, row),
                )
                .await
            }
            _ => false,
        }
    }

    /// Records that the handler was last notified of `notified`. Returns the row as it is then:
    /// where its state is another one, it is pending, because a notification of an older state came
    /// after its own. An anonymous tombstone is not made to name its owner again, and stays as it
    /// is.
    async fn record_ack(&self, notified: &Record) -> Result<Option<Record>, Error> {
        let known = (!notified.announced).then(|| notified.clone());
        let update = self.update(&notified.key, known, |row| {
            let row = row?;
            match (row.is_same_notification(notified), row.announced) {
                (true, false) => Some(self.context().acknowledged(row)),
                // rule: last-notified.2
                // rule: ack-revoked
                (false, _) if row.owner.is_some() => Some(self.context().ack_revoked(row, notified)),
                _ => None,
            }
        });
        Ok(update.await?.into_row())
    }

    /// Runs the app's handler for an event of a queue, for as long as the caller waits.
    pub(crate) async fn handle_event(&self, event: &QueuedEvent) -> Result<(), HandlerError> {
        let Some(notifier) = &self.notifier else { return Err(HandlerError::Missing) };
        catch_panic(notifier.event(self, event)).await
    }

    /// Begins to notify the handler of an event that no row remembers.
    pub(super) fn send_notice(&self, notice: Notice) {
        if self.notifier.is_none() {
            return;
        }
        let Some(place) = self.turns.try_wait(notice.bytes()) else { return self.drop_notice() };
        let (engine, flight) = (self.clone(), self.in_flight.begin());
        tokio::spawn(async move {
            let _turn = engine.turns.take().await;
            drop(place);
            if let Some(notifier) = &engine.notifier {
                let integration = notice.integration().map(str::to_owned);
                match notice {
                    Notice::Event(event) => {
                        engine.call_handler(integration, notifier.event(&engine, &event)).await
                    }
                    notice => engine.call_handler(integration, notifier.notice(&engine, notice)).await,
                };
            }
            drop(flight);
        });
    }

    fn drop_notice(&self) {
        self.count(Count::HandlerFailures);
        self.reporter.report(BackgroundFailure::Overload);
    }

    /// Calls the app's handler, and returns whether it succeeded.
    async fn call_handler(
        &self,
        integration: Option<String>,
        call: impl Future<Output = Result<(), BoxError>>,
    ) -> bool {
        let Err(error) = call_app(call).await else { return true };
        self.count(Count::HandlerFailures);
        self.reporter.report(BackgroundFailure::Handler { integration, error });
        false
    }
}

/// Calls code of the app's, for as long as a handler may take.
pub(super) async fn call_app<T>(call: impl Future<Output = Result<T, BoxError>>) -> Result<T, HandlerError> {
    timeout(HANDLER, catch_panic(call)).await.unwrap_or(Err(HandlerError::Deadline))
}

/// Calls code of the app's. A panic is one more way to fail: unwinding further would end a drain, with the
/// other notifications of it, or a worker.
async fn catch_panic<T>(call: impl Future<Output = Result<T, BoxError>>) -> Result<T, HandlerError> {
    let mut call = pin!(call);
    let caught = poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        poll.map_or(Poll::Ready(None), |poll| poll.map(Some))
    });
    match caught.await {
        Some(outcome) => outcome.map_err(HandlerError::failed),
        None => Err(HandlerError::Panicked),
    }
}

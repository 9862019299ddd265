//! Notifications of the app's handler.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use tokio::time::timeout;

use super::counters::Count;
use super::deadlines::HANDLER;
use super::engine::Engine;
use super::parts::Notice;
use super::row::WRITE_ATTEMPTS;
use crate::boxed::BoxError;
use crate::error::Error;
use crate::record::Record;

impl Engine {
    /// Notifies the handler of a row that it was not notified of, and records that. Returns the row
    /// as it is then.
    pub(crate) async fn notify(&self, row: Option<Record>) -> Result<Option<Record>, Error> {
        let Some(pending) = row.as_ref().filter(|row| !row.announced) else {
            return Ok(row);
        };
        let Some(_in_flight) = self.notifying.begin(&pending.key) else {
            return Ok(row);
        };
        let mut notified = pending.clone();
        for _ in 0..WRITE_ATTEMPTS {
            if !self.notify_once(&notified).await {
                // rule: handler
                return Ok(Some(notified));
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
                current => return Ok(current),
            };
        }
        Ok(Some(notified))
    }

    async fn notify_once(&self, row: &Record) -> bool {
        match &self.notifier {
            Some(notifier) if row.owner.is_some() => {
                self.call_handler(notifier.connection_changed(self, row)).await
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
                (false, true) if row.owner.is_some() => Some(self.context().ack_revoked(row)),
                _ => None,
            }
        });
        Ok(update.await?.into_row())
    }

    pub(super) async fn send_notice(&self, notice: Notice) {
        if let Some(notifier) = &self.notifier {
            self.call_handler(notifier.notice(self, notice)).await;
        }
    }

    /// Calls the app's handler, and returns whether it succeeded. Its error is not logged: it may
    /// contain anything.
    ///
    /// A panic of the handler is one more way to fail. Unwinding further would end the request, and
    /// Nango would send a delivery again whose effect is already written.
    async fn call_handler(&self, call: impl Future<Output = Result<(), BoxError>>) -> bool {
        let mut call = pin!(call);
        let caught = poll_fn(|context| {
            let poll = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
            poll.map_or(Poll::Ready(None), |poll| poll.map(Some))
        });
        match timeout(HANDLER, caught).await {
            Ok(Some(Ok(()))) => return true,
            Ok(Some(Err(_))) => tracing::warn!("the webhook handler failed"),
            Ok(None) => tracing::error!("the webhook handler panicked"),
            Err(_) => {
                tracing::warn!(seconds = HANDLER.as_secs(), "the webhook handler exceeded its deadline");
            }
        }
        self.count(Count::HandlerFailures);
        false
    }
}

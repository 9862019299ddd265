//! Telling the app's handler.

use std::collections::HashSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use super::counters::Count;
use super::{Nango, OwnedConnection};
use crate::BoxError;
use crate::connection::ConnectionRef;
use crate::entity::Owner;
use crate::error::Error;
use crate::store::{Applied, Record};
use crate::webhook::ConnectionChanged;

/// How long the app's handler may take.
const HANDLER: Duration = Duration::from_secs(5);

/// How often the app is told, or it is noted that it has heard, while others write.
const TRIES: usize = 5;

/// Of which connections the app is hearing at this moment. A handler that looks at the one that it hears of is not called
/// for it once more.
#[derive(Default)]
pub(super) struct Announcing(Mutex<HashSet<ConnectionRef>>);

struct Call<'a> {
    announcing: &'a Announcing,
    key: ConnectionRef,
}

impl Announcing {
    fn begin(&self, key: &ConnectionRef) -> Option<Call<'_>> {
        let is_new = self.keys().insert(key.clone());
        is_new.then(|| Call { announcing: self, key: key.clone() })
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<ConnectionRef>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.announcing.keys().remove(&self.key);
    }
}

impl Nango {
    /// Tells the app of a row that it has not heard of, and notes that it has. Gives the row as it is then.
    pub(super) async fn announce(&self, row: Option<Record>) -> Result<Option<Record>, Error> {
        let Some(unheard) = row.as_ref().filter(|row| !row.announced) else {
            return Ok(row);
        };
        let Some(_call) = self.0.announcing.begin(&unheard.key) else {
            return Ok(row);
        };
        let mut told = unheard.clone();
        for _ in 0..TRIES {
            if !self.tell_of(&told).await {
                return Ok(Some(told));
            }
            // Where somebody has written since, the handler itself perhaps, other news have to be told, also when another
            // instance has told them: ours came last, and was older.
            told = match self.note_heard(&told).await? {
                Some(newer) if !newer.is_mark() && !newer.is_the_news_of(&told) => {
                    self.told_too_early(newer, told.owner).await?
                }
                now => return Ok(now),
            };
        }
        Ok(Some(told))
    }

    /// News that another instance may have told before older ones: they have to be told again, and the row says so until
    /// they are.
    async fn told_too_early(&self, row: Record, owner: Option<Owner>) -> Result<Record, Error> {
        match row.owner {
            // A tombstone that says no more whose it was is not made to say it again.
            None => Ok(Record { owner, ..row }),
            Some(_) if row.announced => {
                let change = self.context().unheard(&row);
                // Stale: somebody has written since, which shows after the call.
                let next = (self.apply(&change).await? == Applied::Done).then(|| change.next().cloned());
                Ok(next.flatten().unwrap_or(row))
            }
            Some(_) => Ok(row),
        }
    }

    async fn tell_of(&self, row: &Record) -> bool {
        let (Some(app), Some(connection)) = (&self.0.handler, OwnedConnection::of_row(self, row)) else {
            return false;
        };
        self.is_heard(async { app.connection_changed(self, ConnectionChanged { connection }).await }).await
    }

    /// Notes that the app has heard of a row, or of a later one with the same news. Gives the row as it is then.
    async fn note_heard(&self, told: &Record) -> Result<Option<Record>, Error> {
        let mut now = told.clone();
        for _ in 0..TRIES {
            if !now.announced {
                let change = self.context().announced(&now);
                if self.apply(&change).await? == Applied::Done {
                    return Ok(change.next().cloned());
                }
            }
            match self.row(&now.key).await? {
                Some(newer) if !newer.announced && newer.is_the_news_of(told) => now = newer,
                newer => return Ok(newer),
            }
        }
        Ok(Some(now))
    }

    /// Calls the app; whether it has taken note. Its error is its own: it may have anything in it.
    ///
    /// A panic of the app is one more way to fail. Left alone it would end the request, and Nango would send a delivery again
    /// whose effect is already written down.
    pub(super) async fn is_heard(&self, call: impl Future<Output = Result<(), BoxError>>) -> bool {
        let mut call = pin!(call);
        let caught = poll_fn(|context| {
            let poll = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
            poll.map_or(Poll::Ready(None), |poll| poll.map(Some))
        });
        match timeout(HANDLER, caught).await {
            Ok(Some(Ok(()))) => return true,
            Ok(Some(Err(_))) => tracing::warn!("the webhook handler failed"),
            Ok(None) => tracing::error!("the webhook handler panicked"),
            Err(_) => tracing::warn!(seconds = HANDLER.as_secs(), "the webhook handler took too long"),
        }
        self.count(Count::HandlerFailures);
        false
    }
}

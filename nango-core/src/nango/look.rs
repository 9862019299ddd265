//! Looking at one connection and writing down what was seen: the one way into the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::Nango;
use super::counters::Count;
use crate::client::{Client, ConnectionFilter, Refresh, Refused};
use crate::connection::{Connection, ConnectionRef};
use crate::error::{Error, ErrorKind};
use crate::health::Credentials;
use crate::reconcile::{Finding, Reconciled, Seen};
use crate::store::{Applied, Change, Record};
use crate::webhook::AuthEvent;

/// How long Nango may take to say what a connection is like.
const LOOK: Duration = Duration::from_secs(5);

/// How often a look is repeated because somebody else wrote meanwhile.
const TRIES: usize = 5;

/// What makes us look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reason<'a> {
    /// A delivery. The list answers without touching the credentials, and is believed where it does not contradict.
    Hint(&'a AuthEvent),
    /// A mark that is due. Nobody waits for it.
    Due,
    /// Somebody wants to know how it is now.
    Asked,
    /// Somebody wants Nango to try the credentials again.
    Forced,
}

/// What a look led to.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    /// The row as it is now; `None` when there is none.
    pub(super) row: Option<Record>,
    pub(super) finding: Finding,
    /// What was seen, if it was found.
    seen: Option<Seen>,
}

impl Reason<'_> {
    /// Whether somebody else's look, which began after this reason arose, tells enough.
    fn is_answered_by(self, observed: &Observed) -> bool {
        match (self, &observed.seen) {
            (Reason::Forced, _) => false,
            (Reason::Hint(event), Some(Seen::Found(found))) => {
                !found.origin.may_lag() || agrees(event, &found.connection)
            }
            (Reason::Asked, Some(Seen::Found(found))) => !found.origin.may_lag(),
            (Reason::Due | Reason::Hint(_) | Reason::Asked, _) => true,
        }
    }
}

impl Nango {
    /// Looks at a connection, applies what follows, and tells the app.
    pub(super) async fn observe(&self, key: &ConnectionRef, reason: Reason<'_>) -> Result<Observed, Error> {
        let Observed { row, finding, seen } = self.observe_quietly(key, reason).await?;
        Ok(Observed { row: self.announce(row).await?, finding, seen })
    }

    /// The same, and the app has not heard of it yet. Of many who want to know at once, one looks.
    pub(super) async fn observe_quietly(
        &self,
        key: &ConnectionRef,
        reason: Reason<'_>,
    ) -> Result<Observed, Error> {
        let ticket = self.0.turns.queue(key);
        let enough = |outcome: &Result<Observed, Arc<Error>>| match outcome {
            Ok(observed) => reason.is_answered_by(observed),
            // Nango was away a moment ago: it is not asked once for everybody who waits.
            Err(_) => true,
        };
        let mut turn = match ticket.wait(enough).await {
            Ok(shared) => return shared.map_err(|error| error.share()),
            Err(turn) => turn,
        };
        turn.begin();
        let outcome = self.observe_alone(key, reason).await;
        turn.end(match &outcome {
            Ok(observed) => Ok(observed.clone()),
            Err(error) => Err(Arc::new(error.share())),
        });
        outcome
    }

    /// Reads the row, looks, and applies what follows; again when the row has changed meanwhile.
    async fn observe_alone(&self, key: &ConnectionRef, reason: Reason<'_>) -> Result<Observed, Error> {
        for _ in 0..TRIES {
            let row = self.row(key).await?;
            let seen = self.look(key, reason).await?;
            if let Some(observed) = self.write_down(row, seen).await? {
                return Ok(observed);
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    /// Reads the row, looks by id as often as it takes, and applies what follows. The turn is for the writing only: whoever
    /// looks in a hurry must not wait for the look.
    pub(super) async fn look_patiently(&self, key: &ConnectionRef) -> Result<Option<Record>, Error> {
        for _ in 0..TRIES {
            let row = self.row(key).await?;
            let seen = self.looked_up(&self.0.client.patient(), key, Refresh::WhenDue).await?;
            if let Some(observed) = self.write_down_alone(key, row, seen).await? {
                return self.announce(observed.row).await;
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    /// [`write_down`](Self::write_down) for who does not have the turn.
    pub(super) async fn write_down_alone(
        &self,
        key: &ConnectionRef,
        row: Option<Record>,
        seen: Seen,
    ) -> Result<Option<Observed>, Error> {
        let ticket = self.0.turns.queue(key);
        let _turn = ticket.alone().await;
        self.write_down(row, seen).await
    }

    /// Applies what a look means for a row that was read before it; `None` when the row is another one by now. The app has
    /// not heard of it yet.
    async fn write_down(&self, row: Option<Record>, seen: Seen) -> Result<Option<Observed>, Error> {
        let Reconciled { change, finding, repair } = self.context().reconcile(row.as_ref(), &seen);
        let seen = Some(seen);
        if let Some(change) = &change
            && self.apply(change).await? == Applied::Stale
        {
            return Ok(None);
        }
        if let (Some(change), Some(repair)) = (&change, repair) {
            self.give_back(change.key(), &repair).await;
        }
        match finding {
            Finding::Nothing | Finding::Changed => {}
            Finding::OwnerConflict => self.count(Count::OwnerConflicts),
            Finding::Quarantined(_) => self.count(Count::Quarantined),
        }
        let row = change.map_or(row, |change| change.next().cloned());
        Ok(Some(Observed { row, finding, seen }))
    }

    pub(super) async fn row(&self, key: &ConnectionRef) -> Result<Option<Record>, Error> {
        let mut rows = self.0.store.get(std::slice::from_ref(key)).await?;
        Ok(rows.pop().flatten())
    }

    pub(super) async fn apply(&self, change: &Change) -> Result<Applied, Error> {
        let applied = self.0.store.apply(std::slice::from_ref(change)).await?;
        // A store that says nothing has not said that it was done.
        Ok(applied.first().copied().unwrap_or(Applied::Stale))
    }

    /// Writes into the row that somebody has to look.
    pub(super) async fn mark(&self, key: &ConnectionRef) -> Result<(), Error> {
        for _ in 0..TRIES {
            let row = self.row(key).await?;
            if row.is_none() && !self.0.budget.may_mark_unknown() {
                return Err(Error::new(ErrorKind::Unavailable));
            }
            if self.apply(&self.context().marked(key, row.as_ref())).await? == Applied::Done {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    async fn look(&self, key: &ConnectionRef, reason: Reason<'_>) -> Result<Seen, Error> {
        let look = async {
            match reason {
                Reason::Hint(event) => match self.listed(key).await? {
                    Some(found) if agrees(event, &found) => Ok(Seen::listed(found)),
                    // The list may read a replica: before absence or contradiction is believed, the primary is asked.
                    _ => self.looked_up(&self.0.client, key, Refresh::WhenDue).await,
                },
                Reason::Due | Reason::Asked => self.looked_up(&self.0.client, key, Refresh::WhenDue).await,
                Reason::Forced => self.looked_up(&self.0.client, key, Refresh::Force).await,
            }
        };
        timeout(LOOK, look).await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable)))
    }

    /// The connection as the list has it. Keys that may not list are common, and advised by Nango.
    async fn listed(&self, key: &ConnectionRef) -> Result<Option<Connection>, Error> {
        match self.0.list.connections(&ConnectionFilter::named(key), 0, 10).await {
            Ok(found) => Ok(found.into_iter().find(|connection| connection.key == *key)),
            Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn looked_up(
        &self,
        client: &Client,
        key: &ConnectionRef,
        refresh: Refresh,
    ) -> Result<Seen, Error> {
        match client.look_up(key, refresh).await {
            Ok(found) if found.key == *key => Ok(Seen::looked_up(found, Credentials::Unrefused)),
            Err(Refused::Credentials(found)) if found.key == *key => {
                let credentials = match refresh {
                    Refresh::Force => Credentials::RefusedWhenForced,
                    Refresh::WhenDue => Credentials::Refused,
                };
                Ok(Seen::looked_up(*found, credentials))
            }
            // Somebody answers for another connection. That is no answer.
            Ok(_) | Err(Refused::Credentials(_)) => Err(Error::new(ErrorKind::Unavailable)),
            Err(Refused::Integration) => Ok(Seen::UnknownIntegration),
            Err(Refused::Failed(error)) if error.kind() == ErrorKind::NotFound => Ok(Seen::Missing),
            Err(Refused::Failed(error)) => Err(error),
        }
    }
}

/// Whether what the list says can be what the event is about.
fn agrees(event: &AuthEvent, found: &Connection) -> bool {
    let broken = found.errors.iter().any(|error| error.kind == "auth");
    let tags = event
        .tags
        .as_ref()
        .is_none_or(|tags| tags.iter().all(|(key, value)| found.tags.get(key) == Some(value.as_str())));
    tags && broken != event.success
}

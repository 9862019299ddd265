//! Looking at one connection and writing down what was seen: the one way into the store.

use std::time::Duration;

use tokio::time::timeout;

use super::Nango;
use crate::client::{ConnectionFilter, Refresh, Refused};
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
    /// Somebody wants to know how it is now.
    Asked,
    /// Somebody wants Nango to try the credentials again.
    Forced,
}

/// What a look led to.
pub(super) struct Observed {
    /// The row as it is now; `None` when there is none.
    pub(super) row: Option<Record>,
    pub(super) finding: Finding,
}

impl Nango {
    /// Reads the row, looks, and applies what follows; again when the row has changed meanwhile.
    pub(super) async fn observe(&self, key: &ConnectionRef, reason: Reason<'_>) -> Result<Observed, Error> {
        for _ in 0..TRIES {
            let row = self.row(key).await?;
            let seen = self.look(key, reason).await?;
            if let Some(observed) = self.write_down(row, &seen).await? {
                return Ok(observed);
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    /// Applies what a look means for a row that was read before it; `None` when the row is another one by now.
    pub(super) async fn write_down(
        &self,
        row: Option<Record>,
        seen: &Seen,
    ) -> Result<Option<Observed>, Error> {
        let Reconciled { change, finding, repair } = self.context().reconcile(row.as_ref(), seen);
        let Some(change) = change else {
            return Ok(Some(Observed { row, finding }));
        };
        if self.apply(&change).await? == Applied::Stale {
            return Ok(None);
        }
        if let Some(tags) = repair {
            // The next look finds them wiped still, and tries again.
            let outcome = self.0.client.set_tags(change.key(), &tags).await;
            let integration = change.key().integration();
            match outcome {
                Ok(()) => tracing::info!(integration, "gave a connection its wiped tags back"),
                Err(error) => {
                    tracing::warn!(integration, %error, "could not give a connection its wiped tags back");
                }
            }
        }
        let row = change.next().cloned();
        Ok(Some(Observed { row: self.announce(row).await?, finding }))
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

    async fn look(&self, key: &ConnectionRef, reason: Reason<'_>) -> Result<Seen, Error> {
        let look = async {
            match reason {
                Reason::Hint(event) => match self.listed(key).await? {
                    Some(found) if agrees(event, &found) => {
                        Ok(Seen::Found(Box::new(found), Credentials::Unrefused))
                    }
                    // The list may read a replica: before absence or contradiction is believed, the primary is asked.
                    _ => self.looked_up(key, Refresh::WhenDue).await,
                },
                Reason::Asked => self.looked_up(key, Refresh::WhenDue).await,
                Reason::Forced => self.looked_up(key, Refresh::Force).await,
            }
        };
        timeout(LOOK, look).await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable)))
    }

    /// The connection as the list has it. Keys that may not list are common, and advised by Nango.
    async fn listed(&self, key: &ConnectionRef) -> Result<Option<Connection>, Error> {
        match self.0.client.connections(&ConnectionFilter::named(key), 0, 10).await {
            Ok(found) => Ok(found.into_iter().find(|connection| connection.key == *key)),
            Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn looked_up(&self, key: &ConnectionRef, refresh: Refresh) -> Result<Seen, Error> {
        match self.0.client.look_up(key, refresh).await {
            Ok(found) if found.key == *key => Ok(Seen::Found(Box::new(found), Credentials::Unrefused)),
            Err(Refused::Credentials(found)) if found.key == *key => {
                let credentials = match refresh {
                    Refresh::Force => Credentials::RefusedWhenForced,
                    Refresh::WhenDue => Credentials::Refused,
                };
                Ok(Seen::Found(found, credentials))
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

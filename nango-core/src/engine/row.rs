//! Rows: reading, and the one compare-and-set loop.

use nango_client::ConnectionKey;

use super::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::owner::Owner;
use crate::record::{Applied, Change, Record, Removal, Transition};

/// The number of looks, or notifications, that are repeated while other writers are quicker.
pub(super) const WRITE_ATTEMPTS: usize = 8;

/// The number of attempts to edit a row while other writers are quicker. Each is short, and an edit
/// may follow what Nango has done already, such as a deletion.
pub(super) const EDIT_ATTEMPTS: usize = 64;

/// The outcome of [`Engine::update`], with the row as it was last known.
#[derive(Debug)]
#[must_use]
pub(crate) enum Update {
    /// The change was written.
    Written(Option<Record>),
    /// The edit did not call for a change.
    Unchanged(Option<Record>),
    /// Other writers were quicker every time.
    Contended(Option<Record>),
}

impl Engine {
    pub(crate) async fn row(&self, key: &ConnectionKey) -> Result<Option<Record>, Error> {
        let mut rows = self.store.get(std::slice::from_ref(key)).await?;
        Ok(rows.pop().flatten())
    }

    pub(crate) async fn apply(&self, change: &Change) -> Result<Applied, Error> {
        // rule: stale
        let applied = self.apply_all(std::slice::from_ref(change)).await?;
        // A store that does not return a result has not confirmed the change.
        Ok(applied.first().copied().unwrap_or(Applied::Stale))
    }

    /// Applies changes, and logs what those that were written mean. Every change of a row is made
    /// here.
    pub(crate) async fn apply_all(&self, changes: &[Change]) -> Result<Vec<Applied>, Error> {
        let applied = self.store.apply(changes).await?;
        for (change, _) in changes.iter().zip(&applied).filter(|(_, applied)| **applied == Applied::Done) {
            if change.next().is_some_and(|row| row.look_again_at.is_some()) {
                self.leave_to_sweeper();
            }
            if let Some(row) = change.next() {
                self.attempts.wake(row.attempts());
            }
            if let Some(transition) = change.transition() {
                self.log(change, transition);
            }
        }
        Ok(applied)
    }

    /// Logs a change by the connection's handle, which is its name in browsers.
    fn log(&self, change: &Change, transition: &Transition) {
        // The handle is a code over the key: not for a log that leaves it out.
        if !tracing::enabled!(tracing::Level::INFO) {
            return;
        }
        let (integration, handle) = (change.key().integration(), (self.handle_of)(change.key()));
        let Some(row) = change.next() else { return };
        let (owner_kind, health) = (row.owner.as_ref().map(Owner::kind), row.state().health.health);
        match transition {
            Transition::Ended { removal, owner_kind } => {
                let by = if *removal == Removal::Disconnected { "the app" } else { "nango" };
                tracing::info!(integration, handle, owner_kind, by, "a connection has ended");
            }
            Transition::HealthChanged { from } => {
                tracing::info!(integration, handle, owner_kind, %from, to = %health, "the health of a connection has changed");
            }
            Transition::Made => {
                tracing::info!(integration, handle, owner_kind, %health, "a connection was made");
            }
            Transition::Transferred => {
                tracing::info!(integration, handle, owner_kind, "a connection was transferred");
            }
        }
    }

    /// Edits a row until no other writer is quicker. The first edit is of `known`, if the caller
    /// has just read the row.
    pub(crate) async fn update(
        &self,
        key: &ConnectionKey,
        known: Option<Record>,
        mut edit: impl FnMut(Option<&Record>) -> Option<Change>,
    ) -> Result<Update, Error> {
        let mut row = match known {
            Some(known) => Some(known),
            None => self.row(key).await?,
        };
        for _ in 0..EDIT_ATTEMPTS {
            let Some(change) = edit(row.as_ref()) else { return Ok(Update::Unchanged(row)) };
            if self.apply(&change).await? == Applied::Done {
                return Ok(Update::Written(change.next().cloned()));
            }
            row = self.row(key).await?;
        }
        Ok(Update::Contended(row))
    }
}

impl Update {
    /// Returns the row.
    pub(crate) fn into_row(self) -> Option<Record> {
        match self {
            Self::Written(row) | Self::Unchanged(row) | Self::Contended(row) => row,
        }
    }

    /// Turns contention into an error, for callers that cannot go on without the change.
    pub(crate) fn settled(self) -> Result<Self, Error> {
        match self {
            Self::Contended(_) => Err(Error::because(
                ErrorKind::Unavailable,
                "other writers of the row were quicker every time; retry",
            )),
            settled => Ok(settled),
        }
    }
}

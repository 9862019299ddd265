//! Rows: reading, and the one compare-and-set loop.

use nango_client::ConnectionKey;

use super::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::record::{Applied, Change, Record};

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
        let applied = self.store.apply(std::slice::from_ref(change)).await?;
        // A store that does not return a result has not confirmed the change.
        Ok(applied.first().copied().unwrap_or(Applied::Stale))
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

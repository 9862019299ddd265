//! An owner who leaves, with everything that is theirs.

use super::{Caller, Nango};
use crate::error::{Error, ErrorKind};
use crate::store::Applied;

/// What [`Nango::forget`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// Connections that were ended at Nango and here.
    pub removed: usize,
    /// Connections that could not be ended. Call it again.
    pub left: usize,
    /// Whether Nango was asked for connections that the store does not know. It is not, when the key may not list: a
    /// connection whose webhook was lost may then still be there.
    pub searched: bool,
}

impl Nango {
    /// Ends all connections of an owner, at Nango and here, and forgets whose they were: for an account that is closed, or a
    /// person who wants their data gone.
    ///
    /// What stays for an hour is a row that says that the connection has ended, without owner and tags, so that nothing
    /// brings it back. The handler hears of each connection once, if it can be told; what it does not take note of then, it
    /// does not hear again.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or the entity is not registered. Call it again then.
    pub async fn forget(&self, owner: impl Into<Caller>) -> Result<Forgotten, Error> {
        let caller = self.known(owner.into())?;
        let searched = match self.sync(&caller).await {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::Store => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "could not search for an owner's connections before forgetting them");
                false
            }
        };
        let mut forgotten = Forgotten { searched, ..Forgotten::default() };
        for connection in self.connections(&caller).await? {
            match connection.disconnect().await {
                Ok(()) => {
                    self.disown(connection.key()).await?;
                    forgotten.removed += 1;
                }
                Err(error) if error.kind() == ErrorKind::Store => return Err(error),
                // It was given to somebody else meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => forgotten.left += 1,
            }
        }
        Ok(forgotten)
    }

    /// Takes owner and tags out of a tombstone.
    async fn disown(&self, key: &crate::ConnectionRef) -> Result<(), Error> {
        loop {
            let row = self.row(key).await?;
            let Some(row) = row.filter(|row| row.removed && row.owner.is_some()) else { return Ok(()) };
            if self.apply(&self.context().disowned(&row)).await? == Applied::Done {
                return Ok(());
            }
        }
    }
}

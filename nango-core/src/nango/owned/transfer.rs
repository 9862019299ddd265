//! Connections that come to an owner by the app's word, and not by a session of theirs.

use super::{OwnedConnection, TRIES};
use crate::client::{Refresh, Refused};
use crate::connection::{Connection, ConnectionRef};
use crate::error::{Error, ErrorKind};
use crate::kinds::{Attribution, Unattributed};
use crate::nango::look::Reason;
use crate::nango::{Caller, Nango};
use crate::store::{Applied, Removal};
use crate::tags::Tags;

impl Nango {
    /// Gives an owner a connection that Nango has and that is nobody's: one that was imported, or made before the app used
    /// this library.
    ///
    /// The owner's tags are added to those that it has, and it is stored here. Doing it twice is fine.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when Nango has no such connection, or the app has disconnected it;
    /// [`ErrorKind::OwnerConflict`] when it is somebody else's, here or by its tags; [`ErrorKind::Tags`] when there is no
    /// room for the owner's tags, Nango has ten; [`ErrorKind::UnknownKind`] when the entity is not registered; and what any
    /// call can fail with.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let imported = nango.adopt(&user, "slack", "legacy-42").await?;
    /// # let _ = imported;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn adopt(
        &self,
        owner: impl Into<Caller>,
        integration: &str,
        connection_id: &str,
    ) -> Result<OwnedConnection, Error> {
        let caller = self.known(owner.into())?;
        let key = ConnectionRef::new(integration, connection_id);
        if !key.is_possible() {
            return Err(Error::new(ErrorKind::NotFound));
        }
        let ticket = self.0.turns.queue(&key);
        let turn = ticket.alone().await;
        let found = self.there(&key).await?;
        if let Some(row) = self.row(&key).await? {
            let is_this = row.details.incarnation >= found.incarnation;
            // Also when it is gone for the moment: it would come back as theirs.
            if is_this && row.owner.as_ref().is_some_and(|owner| owner != caller.owner()) {
                return Err(Error::new(ErrorKind::OwnerConflict));
            }
            if is_this && row.details.removal == Some(Removal::Disconnected) {
                return Err(Error::new(ErrorKind::NotFound));
            }
        }
        let is_theirs = match self.0.kinds.attribute(&found.tags) {
            Attribution::Owner(named) if named == *caller.owner() => true,
            // Another app's, or another owner's.
            Attribution::Owner(_) | Attribution::Nobody(Unattributed::ForeignKind) => {
                return Err(Error::new(ErrorKind::OwnerConflict));
            }
            Attribution::Nobody(_) => false,
        };
        if !is_theirs {
            let tags = caller.session_tags(&self.0.kinds)?.over(&found.tags)?;
            self.0.client.set_tags(&key, &tags).await?;
        }
        drop(turn);
        let row = self.observe(&key, Reason::Asked).await?.row.filter(|row| !row.removed);
        let row = row.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
        // Somebody else may have been quicker.
        OwnedConnection::new(self, row, &caller).ok_or_else(|| Error::new(ErrorKind::OwnerConflict))
    }

    /// The connection as Nango has it, whether it works or not.
    async fn there(&self, key: &ConnectionRef) -> Result<Connection, Error> {
        match self.0.client.look_up(key, Refresh::WhenDue).await {
            Ok(found) => Ok(found),
            Err(Refused::Credentials(found)) => Ok(*found),
            Err(Refused::Integration) => Err(Error::new(ErrorKind::NotFound)),
            Err(refused) => Err(refused.into()),
        }
    }
}

impl OwnedConnection {
    /// Gives the connection to another owner: the one way in which an owner of it changes. A webhook never does that.
    ///
    /// Its tags become those of the new owner, at Nango first. A session in which the old owner is about to reconnect it
    /// would set theirs again, which is reported as a conflict and changes nothing here. Handlers hear of the connection
    /// under its new owner.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when it or its integration is gone, or it is not the old owner's any more; [`ErrorKind::Tags`] when the new owner's
    /// tags break a rule; [`ErrorKind::UnknownKind`] when their entity is not registered; and what any call can fail with.
    /// After one that is retryable, call it again: until then its tags may name one owner and the store the other.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, leaving: Owner, successor: Owner) -> Result<(), nango_core::Error> {
    /// for connection in nango.connections(&leaving).await? {
    ///     connection.transfer(&successor).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transfer(&self, to: impl Into<Caller>) -> Result<Self, Error> {
        let to = self.nango.known(to.into())?;
        let tags: Tags = to.session_tags(&self.nango.0.kinds)?;
        let ticket = self.nango.0.turns.queue(self.key());
        // Whoever looks between the two writes would see a conflict.
        let turn = ticket.alone().await;
        self.still_ours().await?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
        let is_there = match self.nango.there(self.key()).await {
            Ok(now) => now.incarnation == self.row.details.incarnation,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_there {
            // Nobody may have told us of that, nor of another one that has its name.
            drop(turn);
            self.nango.observe(self.key(), Reason::Asked).await?;
            return Err(Error::new(ErrorKind::NotFound));
        }
        self.nango.0.client.set_tags(self.key(), &tags).await?;
        for _ in 0..TRIES {
            let row = self.still_ours().await?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
            let change = self.nango.context().transferred(&row, to.owner(), &tags);
            if self.nango.apply(&change).await? == Applied::Done {
                drop(turn);
                let row = self.nango.announce(change.next().cloned()).await?;
                let theirs = row.and_then(|row| Self::new(&self.nango, row, &to));
                return theirs.ok_or_else(|| Error::new(ErrorKind::NotFound));
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }
}

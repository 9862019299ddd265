//! Adoption and transfer: connections that come to an owner by the app's word, and not by a session
//! of the owner.

use nango_client::{Connection, ConnectionKey};

use super::owned::{OwnedConnection, Shared};
use crate::engine::{Engine, Trigger, Update};
use crate::error::{Error, ErrorKind};
use crate::owner::{Attribution, AttributionFailure, IntoOwner, OwnerIdentity};
use crate::record::Removal;

/// Gives an owner a connection that Nango has and that is not another owner's.
pub(crate) async fn adopt(
    shared: &Shared,
    identity: &OwnerIdentity,
    key: &ConnectionKey,
) -> Result<OwnedConnection, Error> {
    let engine = &shared.engine;
    let not_found = || Error::new(ErrorKind::NotFound);
    if !key.is_possible() {
        return Err(not_found());
    }
    let waiter = engine.join_looks(key);
    let guard = waiter.lock().await;
    let found = engine.fetch(key).await?.ok_or_else(not_found)?;
    check_row(engine, identity, &found).await?;
    let is_named = match engine.kinds.attribute(&found.tags) {
        Attribution::Owner(named) if named == *identity.owner() => true,
        // Another app's, or another owner's.
        Attribution::Owner(_)
        | Attribution::Failed(AttributionFailure::ForeignKind | AttributionFailure::MissingKind) => {
            return Err(Error::new(ErrorKind::OwnerConflict));
        }
        Attribution::Failed(_) => false,
    };
    if !is_named {
        let tags = engine.session_tags(identity)?.merged_over(&engine.kinds.without_attempt(&found.tags))?;
        engine.client.set_tags(key, &tags).await?;
    }
    drop(guard);
    let row = engine.look_and_notify(key, Trigger::Request).await?.row.filter(|row| !row.removed);
    // Another owner may have been quicker.
    OwnedConnection::new(shared, row.ok_or_else(not_found)?, identity)
        .ok_or_else(|| Error::new(ErrorKind::OwnerConflict))
}

/// Checks that the store does not have this incarnation for another owner, nor as disconnected.
async fn check_row(engine: &Engine, identity: &OwnerIdentity, found: &Connection) -> Result<(), Error> {
    match engine.row(&found.key).await? {
        Some(row) if row.state().incarnation < found.incarnation => Ok(()),
        // Also when it is gone for the moment: it would come back as the other owner's.
        Some(row) if row.owner.as_ref().is_some_and(|owner| owner != identity.owner()) => {
            Err(Error::new(ErrorKind::OwnerConflict))
        }
        Some(row) if row.state().removal == Some(Removal::Disconnected) => {
            Err(Error::new(ErrorKind::NotFound))
        }
        _ => Ok(()),
    }
}

impl OwnedConnection {
    /// Transfers the connection to another owner. Nothing else changes the owner of a connection,
    /// webhooks included.
    ///
    /// Its tags become those of the new owner, at Nango first. A session in which the old owner is
    /// about to reconnect it would restore the old ones, which is reported as a conflict and
    /// changes nothing in the store. The handler is notified of the connection under its new owner.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when it or its integration is gone, or when it is not the old
    /// owner's any more; [`ErrorKind::Tags`] when the new owner's tags break a rule;
    /// [`ErrorKind::UnknownKind`] when the entity is not registered; and every failure of a call to
    /// Nango. After a retryable one, call it again: until then the tags may name one owner and the
    /// store the other.
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
    pub async fn transfer(&self, to: impl IntoOwner) -> Result<Self, Error> {
        let engine = self.engine();
        let to = engine.registered(to.into_owner())?;
        let tags = engine.session_tags(&to)?;
        let not_found = || Error::new(ErrorKind::NotFound);
        let waiter = engine.join_looks(self.key());
        // A look between the two writes would report a conflict.
        let guard = waiter.lock().await;
        self.reload_if_owned().await?.ok_or_else(not_found)?;
        let current = engine.fetch(self.key()).await?;
        // rule: transfer-look
        if current.is_none_or(|current| current.incarnation != self.state().incarnation) {
            drop(guard);
            // The store may not have that, nor a successor under the same key.
            engine.look_and_notify(self.key(), Trigger::Request).await?;
            return Err(not_found());
        }
        engine.client.set_tags(self.key(), &tags).await?;
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| self.still_owns(row))
                .map(|row| engine.context().transferred(row, to.owner(), &tags))
        });
        let Update::Written(row) = update.await?.settled()? else { return Err(not_found()) };
        drop(guard);
        engine.notify(row.as_ref());
        row.and_then(|row| Self::new(&self.shared, row, &to)).ok_or_else(not_found)
    }
}

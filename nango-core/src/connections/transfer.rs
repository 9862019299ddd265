//! Transfers: the one way in which the owner of a connection changes.

use super::owned::OwnedConnection;
use crate::engine::{Trigger, Update};
use crate::error::{Error, ErrorKind};
use crate::owner::IntoOwner;

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
        let tags = to.session_tags(engine.kinds())?;
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
        engine.client().set_tags(self.key(), &tags).await?;
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| self.still_owns(row))
                .map(|row| engine.context().transferred(row, to.owner(), &tags))
        });
        let Update::Written(row) = update.await?.settled()? else { return Err(not_found()) };
        drop(guard);
        let row = engine.notify(row).await?;
        row.and_then(|row| Self::new(&self.shared, row, &to)).ok_or_else(not_found)
    }
}

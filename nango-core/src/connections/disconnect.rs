//! The end of a connection.

use nango_client::ErrorKind as NangoErrorKind;

use super::owned::OwnedConnection;
use crate::engine::{Trigger, Update};
use crate::error::{Error, ErrorKind};
use crate::record::Record;

impl OwnedConnection {
    /// Ends the connection: at Nango first, then in the store. It does not come back, whatever is
    /// still in flight.
    ///
    /// Idempotent: a connection that Nango does not have any more is not an error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when it was [transferred](Self::transfer) and is another owner's
    /// now. When Nango or the store is unavailable: retry then.
    pub async fn disconnect(&self) -> Result<(), Error> {
        let is_successor = |row: &Record| row.state().incarnation > self.state().incarnation;
        // rule: stale-owner
        let is_transferred = |row: &Record| row.owner.as_ref().is_some_and(|owner| *owner != self.owner);
        // rule: transferred
        let engine = self.engine();
        // Keeps transfers of this process out.
        let waiter = engine.join_looks(self.key());
        let guard = waiter.lock().await;
        // The key may be another owner's connection by now, which is not this owner's to end.
        match engine.row(self.key()).await? {
            Some(row) if is_successor(&row) => return Ok(()),
            Some(row) if is_transferred(&row) => return Err(Error::new(ErrorKind::NotFound)),
            _ => {}
        }
        match engine.client().delete_connection(self.key()).await {
            Err(error) if error.kind() != NangoErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| !is_successor(row)).map(|row| engine.context().disconnected(row))
        });
        let update = update.await?.settled()?;
        drop(guard);
        match update {
            Update::Unchanged(Some(_)) => {
                // A successor has just come, and may be what was deleted: Nango does not say which
                // of the two was.
                engine.look_and_notify(self.key(), Trigger::Request).await?;
            }
            update => drop(engine.notify(update.into_row()).await?),
        }
        Ok(())
    }
}

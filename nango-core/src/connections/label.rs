//! The label of a connection, as the app sets it.

use super::owned::OwnedConnection;
use crate::engine::Update;
use crate::error::{Error, ErrorKind};

impl OwnedConnection {
    /// Sets the name of the account, which the owner may have chosen: one line of at most 200
    /// characters, longer ones are cut. It is kept in the store and not sent to Nango, and stays over
    /// reconnects. Without a text, it is the provider's again, from the next look on.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let gmail = nango.connection(&user, "google-mail").await?;
    /// let named = gmail.set_label(Some("Work")).await?;
    /// let of_the_provider = named.set_label(None).await?;
    /// # let _ = of_the_provider;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the connection has ended, or is another owner's by now; and when the
    /// store is unavailable.
    pub async fn set_label(&self, text: Option<&str>) -> Result<Self, Error> {
        let engine = self.engine();
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| self.still_owns(row)).map(|row| engine.context().label_set(row, text))
        });
        match update.await?.settled()? {
            Update::Written(Some(row)) => Ok(Self { row: Box::new(row), ..self.clone() }),
            _ => Err(Error::new(ErrorKind::NotFound)),
        }
    }
}

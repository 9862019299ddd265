//! Reconnects: sessions in which an existing connection is authorised again.

use nango_client::{ConnectSession, ErrorKind as NangoErrorKind, Tags};

use super::owned::OwnedConnection;
use crate::engine::Trigger;
use crate::error::{Error, ErrorKind};
use crate::record::Health;

impl OwnedConnection {
    /// Opens a session in which the owner authorises the connection again.
    ///
    /// The session carries the owner's tags, since Nango wipes tags that a reconnect does not
    /// repeat.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when Nango does not have the connection any more,
    /// [`ErrorKind::Tags`] when the entity's tags break a rule, and every failure of a call to
    /// Nango.
    pub async fn reconnect(&self) -> Result<ConnectSession, Error> {
        let tags = match &self.tags {
            Some(tags) => tags.clone()?,
            None => Tags::from_nango(self.state().tags.clone()),
        };
        if self.engine().keeps_metadata() {
            // Remembers the current metadata. If the look fails, the metadata of the last one is
            // restored.
            let _ = self.engine().look_and_notify(self.key(), Trigger::Request).await;
        }
        let defaults = (self.shared.settings.session_defaults)(&self.owner);
        let client = self.engine().client();
        match client.create_reconnect_session(self.key(), &tags, &defaults).await {
            // To Nango a missing connection is one more invalid body (observed on 0.71.4).
            Err(error) if error.kind() == NangoErrorKind::Refused => {
                let is_gone = self.check().await?.health() == Health::Gone;
                Err(if is_gone { Error::new(ErrorKind::NotFound) } else { error.into() })
            }
            session => Ok(session?),
        }
    }
}

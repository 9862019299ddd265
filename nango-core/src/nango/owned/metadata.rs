//! What the app keeps with a connection, at Nango.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{OwnedConnection, TRIES};
use crate::error::{Error, ErrorKind};
use crate::store::Applied;

/// A connection's metadata: a JSON object that Nango's functions can read. Not for secrets.
#[derive(Debug, Clone)]
pub struct Metadata(OwnedConnection);

impl OwnedConnection {
    /// What the app keeps with the connection.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Settings {
    ///     channel: String,
    /// }
    ///
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// slack.metadata().set(&Settings { channel: "general".to_owned() }).await?;
    /// let Settings { channel } = slack.metadata().get().await?;
    /// # let _ = channel;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        Metadata(self.clone())
    }
}

impl Metadata {
    /// What is there; nothing yet is an empty object.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unreadable`] when it is not a `T`, [`ErrorKind::NotFound`] when the connection is gone, and what any call
    /// can fail with.
    pub async fn get<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let found = self.0.nango.0.client.metadata(self.0.key()).await?;
        serde_json::from_value(Value::Object(found)).map_err(|_| Error::new(ErrorKind::Unreadable))
    }

    /// Replaces all of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidCall`] when it is not an object, [`ErrorKind::NotFound`] when the connection is gone, and what
    /// any call can fail with.
    pub async fn set(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Merge::Replace).await
    }

    /// Replaces what it names and keeps the rest. A `null` is stored as one.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn update(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Merge::Merge).await
    }

    /// Writes it at Nango, then notes it here, where the app wants metadata kept: an empty one that nobody has noted would be
    /// taken for wiped by a reconnect.
    async fn write(&self, metadata: Map<String, Value>, merge: Merge) -> Result<(), Error> {
        let OwnedConnection { nango, row, .. } = &self.0;
        let ticket = nango.0.turns.queue(&row.key);
        let _turn = ticket.alone().await;
        let metadata = match merge {
            Merge::Replace => {
                nango.0.client.set_metadata(&row.key, &metadata).await?;
                metadata
            }
            Merge::Merge => {
                nango.0.client.update_metadata(&row.key, &metadata).await?;
                if !nango.0.keep_metadata {
                    return Ok(());
                }
                // The answer has only what was sent (observed on 0.71.4).
                nango.0.client.metadata(&row.key).await?
            }
        };
        if !nango.0.keep_metadata {
            return Ok(());
        }
        for _ in 0..TRIES {
            let Some(row) = self.0.still_ours().await? else { return Ok(()) };
            if nango.apply(&nango.context().told(&row, &metadata)).await? == Applied::Done {
                return self.keep_empty(&metadata).await;
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    /// Another instance may have taken it for wiped, and given it back, before it was noted.
    async fn keep_empty(&self, metadata: &Map<String, Value>) -> Result<(), Error> {
        let (client, key) = (&self.0.nango.0.client, self.0.key());
        if metadata.is_empty() && !client.metadata(key).await?.is_empty() {
            client.set_metadata(key, metadata).await?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Merge {
    Merge,
    Replace,
}

fn object(metadata: &impl Serialize) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::new(ErrorKind::InvalidCall)),
    }
}

//! Metadata of a connection, at Nango.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::owned::OwnedConnection;
use crate::engine::Update;
use crate::error::{Error, ErrorKind};

/// The metadata of a connection: a JSON object that Nango's functions can read. Not for secrets.
#[derive(Debug, Clone)]
pub struct MetadataClient(OwnedConnection);

impl OwnedConnection {
    /// Returns a client of the connection's metadata.
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
    pub fn metadata(&self) -> MetadataClient {
        MetadataClient(self.clone())
    }
}

impl MetadataClient {
    /// Returns the metadata; an empty object when there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is not a `T`, [`ErrorKind::NotFound`] when the connection is
    /// gone, and every failure of a call to Nango.
    pub async fn get<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let metadata = self.0.engine().client().metadata(self.0.key()).await?;
        serde_json::from_value(Value::Object(metadata)).map_err(|_| Error::new(ErrorKind::Decode))
    }

    /// Replaces all of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it is not an object, [`ErrorKind::NotFound`] when the
    /// connection is gone, and every failure of a call to Nango.
    pub async fn set(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Mode::Replace).await
    }

    /// Replaces the keys that it names and keeps the rest. A `null` is stored as one.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn update(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Mode::Merge).await
    }

    /// Writes it at Nango, then remembers it in the row where the app wants metadata kept: an empty
    /// object that is not remembered would be taken for wiped by a reconnect.
    async fn write(&self, metadata: Map<String, Value>, mode: Mode) -> Result<(), Error> {
        let (engine, key) = (self.0.engine(), self.0.key());
        let waiter = engine.join_looks(key);
        let _guard = waiter.lock().await;
        match mode {
            Mode::Replace => engine.client().set_metadata(key, &metadata).await?,
            Mode::Merge => engine.client().update_metadata(key, &metadata).await?,
        }
        if !engine.keeps_metadata() {
            return Ok(());
        }
        let metadata = match mode {
            Mode::Replace => metadata,
            // The answer to a merge has only what was sent (observed on 0.71.4).
            Mode::Merge => engine.client().metadata(key).await?,
        };
        let update = engine.update(key, None, |row| {
            row.filter(|row| self.0.still_owns(row)).map(|row| engine.context().metadata_set(row, &metadata))
        });
        if let Update::Written(_) = update.await?.settled()?
            && metadata.is_empty()
            && !engine.client().metadata(key).await?.is_empty()
        {
            // Another instance took it for wiped, and restored it, before it was remembered.
            engine.client().set_metadata(key, &metadata).await?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Merge,
    Replace,
}

fn object(metadata: &impl Serialize) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::new(ErrorKind::InvalidRequest)),
    }
}

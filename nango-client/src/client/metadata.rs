//! `/connections/metadata`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::Client;
use super::lookup::Refresh;
use super::wire::Metadata;
use crate::connection::ConnectionKey;
use crate::error::Error;

#[derive(Serialize)]
struct Body<'a> {
    connection_id: &'a str,
    provider_config_key: &'a str,
    metadata: &'a Map<String, Value>,
}

impl<'a> Body<'a> {
    fn new(key: &'a ConnectionKey, metadata: &'a Map<String, Value>) -> Self {
        Self { connection_id: key.connection_id(), provider_config_key: key.integration(), metadata }
    }
}

/// The response repeats the request, so that nothing of it is read.
#[derive(Deserialize)]
struct Echo {}

impl Client {
    /// Returns the metadata of a connection: JSON that the app keeps beside it, empty when there is
    /// none. Invalid credentials are not an obstacle.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection,
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the metadata is nested deeper than 127
    /// levels, and those of any call.
    pub async fn metadata(&self, key: &ConnectionKey) -> Result<Map<String, Value>, Error> {
        Ok(self.look_up_with(key, Refresh::WhenDue, Metadata::Read).await?.existing()?.metadata)
    }

    /// Replaces all metadata of a connection.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, and
    /// those of any call.
    pub async fn set_metadata(
        &self,
        key: &ConnectionKey,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        let url = self.transport.url(&["connections", "metadata"])?;
        let Echo {} = self.transport.post(url, &Body::new(key, metadata)).await?;
        Ok(())
    }

    /// Replaces the named keys of a connection's metadata and keeps the others. A `null` is stored
    /// as one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, and
    /// those of any call.
    pub async fn update_metadata(
        &self,
        key: &ConnectionKey,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        let url = self.transport.url(&["connections", "metadata"])?;
        let Echo {} = self.transport.patch(url, &Body::new(key, metadata)).await?;
        Ok(())
    }
}

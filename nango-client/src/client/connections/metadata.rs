//! `/connections/metadata`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lookup::Refresh;
use crate::client::client::Client;
use crate::client::wire::Metadata;
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::transport::{Call, Endpoint};

static GET: Endpoint =
    Endpoint::new(Method::GET, "/connections/{connectionId}", "read the metadata of a connection");

static SET: Endpoint =
    Endpoint::new(Method::POST, "/connections/metadata", "set the metadata of a connection");

static UPDATE: Endpoint =
    Endpoint::new(Method::PATCH, "/connections/metadata", "update the metadata of a connection");

#[derive(Serialize)]
struct Body<'a, I> {
    connection_id: I,
    provider_config_key: &'a str,
    metadata: &'a Map<String, Value>,
}

impl<'a> Body<'a, &'a str> {
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
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let mut metadata = client.metadata(&key).await?;
    /// metadata.insert("channel".to_owned(), "general".into());
    /// client.set_metadata(&key, &metadata).await?; // replaces all of it
    ///
    /// let changes = [("channel".to_owned(), "random".into())].into_iter().collect();
    /// client.update_metadata(&key, &changes).await?; // keeps the other keys
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection,
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the metadata is nested deeper than 127
    /// levels, and those of any call.
    pub async fn metadata(&self, key: &ConnectionKey) -> Result<Map<String, Value>, Error> {
        let call = self.transport.call(&GET);
        let found = self.look_up_with(call, key, Refresh::WhenDue, Metadata::Read).await?;
        Ok(found.existing(call)?.metadata)
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
        let call = self.transport.call(&SET);
        let Echo {} = call.submit(call.url(&["connections", "metadata"])?, &Body::new(key, metadata)).await?;
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
        let call = self.transport.call(&UPDATE);
        let Echo {} = call.submit(call.url(&["connections", "metadata"])?, &Body::new(key, metadata)).await?;
        Ok(())
    }

    /// Replaces all metadata of several connections of one integration. If one of them does not exist, none
    /// is changed (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let metadata = [("plan".to_owned(), "free".into())].into_iter().collect();
    /// client.set_metadata_of_many("slack", &["alice-1", "bob-1"], &metadata).await?;
    /// client.update_metadata_of_many("slack", &["alice-1"], &metadata).await?; // keeps the other keys
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection,
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when no connection is named, and those
    /// of any call.
    pub async fn set_metadata_of_many(
        &self,
        integration: &str,
        connection_ids: &[&str],
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        self.write_many(self.transport.call(&SET), integration, connection_ids, metadata).await
    }

    /// Replaces the named keys of the metadata of several connections of one integration, and keeps the
    /// others; see [`set_metadata_of_many`](Self::set_metadata_of_many).
    ///
    /// # Errors
    ///
    /// Those of [`set_metadata_of_many`](Self::set_metadata_of_many).
    pub async fn update_metadata_of_many(
        &self,
        integration: &str,
        connection_ids: &[&str],
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        self.write_many(self.transport.call(&UPDATE), integration, connection_ids, metadata).await
    }

    async fn write_many(
        &self,
        call: Call<'_>,
        integration: &str,
        connection_id: &[&str],
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        if connection_id.is_empty() {
            return Err(call.named(Error::invalid_request("no connection is named")));
        }
        let body = Body { connection_id, provider_config_key: integration, metadata };
        let Echo {} = call.submit(call.url(&["connections", "metadata"])?, &body).await?;
        Ok(())
    }
}

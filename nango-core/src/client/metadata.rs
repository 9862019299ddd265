//! What an app keeps with a connection.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Client;
use crate::connection::ConnectionRef;
use crate::error::Error;

#[derive(Serialize)]
struct Body<'a> {
    connection_id: &'a str,
    provider_config_key: &'a str,
    metadata: &'a Map<String, Value>,
}

impl<'a> Body<'a> {
    fn new(key: &'a ConnectionRef, metadata: &'a Map<String, Value>) -> Self {
        Self { connection_id: key.connection_id(), provider_config_key: key.integration(), metadata }
    }
}

#[derive(Deserialize)]
struct Described {
    metadata: Option<Map<String, Value>>,
}

/// The request, once more: nothing that we would not know.
#[derive(Deserialize)]
struct Echo {}

impl Client {
    pub(crate) async fn metadata(&self, key: &ConnectionRef) -> Result<Map<String, Value>, Error> {
        let found: Described = self.transport.get(self.connection_url(key)?).await?;
        Ok(found.metadata.unwrap_or_default())
    }

    pub(crate) async fn set_metadata(
        &self,
        key: &ConnectionRef,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        let url = self.transport.url(&["connections", "metadata"])?;
        let Echo {} = self.transport.post(url, &Body::new(key, metadata)).await?;
        Ok(())
    }

    /// The keys that are named are replaced, the others stay. A `null` is kept as one.
    pub(crate) async fn update_metadata(
        &self,
        key: &ConnectionRef,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        let url = self.transport.url(&["connections", "metadata"])?;
        let Echo {} = self.transport.patch(url, &Body::new(key, metadata)).await?;
        Ok(())
    }
}

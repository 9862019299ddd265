//! What an app keeps with a connection.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Refresh, Refused};
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

/// The request, once more: nothing that we would not know.
#[derive(Deserialize)]
struct Echo {}

impl Client {
    /// Broken credentials are no reason not to give it: Nango describes the connection in its refusal (observed on 0.71.4).
    pub(crate) async fn metadata(&self, key: &ConnectionRef) -> Result<Map<String, Value>, Error> {
        match self.look_up(key, Refresh::WhenDue).await {
            Ok(found) => Ok(found.metadata),
            Err(Refused::Credentials(found)) => Ok(found.metadata),
            Err(refused) => Err(refused.into()),
        }
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

//! `/integrations`.

use http::Method;
use serde::Deserialize;

use super::client::Client;
use crate::error::Error;
use crate::transport::Endpoint;

static LIST: Endpoint = Endpoint::new(Method::GET, "/integrations", "list integrations");

/// An integration of the environment: something that can be connected.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Integration {
    /// The id, which sessions and connections use.
    pub id: String,
    /// The provider, such as `slack`. Several integrations may share one.
    pub provider: String,
    /// The display name, for user interfaces.
    pub display_name: String,
    /// The URL of the logo.
    pub logo: Option<String>,
}

// Without the address of the picture: no URL is in a log.
crate::__debug_only!(Integration { id, provider, display_name });

#[derive(Deserialize)]
struct WireIntegrations {
    data: Vec<WireIntegration>,
}

#[derive(Deserialize)]
struct WireIntegration {
    unique_key: String,
    provider: String,
    display_name: String,
    logo: Option<String>,
}

impl From<WireIntegration> for Integration {
    fn from(wire: WireIntegration) -> Self {
        let WireIntegration { unique_key, provider, display_name, logo } = wire;
        Self { id: unique_key, provider, display_name, logo }
    }
}

impl Client {
    /// Returns all integrations of the environment.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn integrations(&self) -> Result<Vec<Integration>, Error> {
        let call = self.transport.call(&LIST);
        let all: WireIntegrations = call.send(call.url(&["integrations"])?).await?;
        Ok(all.data.into_iter().map(Integration::from).collect())
    }
}

//! `/integrations`.

use serde::Deserialize;

use super::Client;
use crate::error::Error;

/// An integration of the environment: something that can be connected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Integration {
    /// What sessions and connections call it.
    #[serde(rename = "unique_key")]
    pub id: String,
    /// The provider, such as `slack`. Several integrations may share one.
    pub provider: String,
    /// The name for people.
    pub display_name: String,
    /// The address of a picture.
    #[serde(default)]
    pub logo: Option<String>,
}

impl Client {
    /// All integrations of the environment.
    ///
    /// # Errors
    ///
    /// What any call can fail with.
    pub async fn integrations(&self) -> Result<Vec<Integration>, Error> {
        #[derive(Deserialize)]
        struct All {
            data: Vec<Integration>,
        }
        let all: All = self.transport.get(self.transport.url(&["integrations"])?).await?;
        Ok(all.data)
    }
}

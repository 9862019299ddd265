//! Reading and deleting integrations.

use http::Method;
use serde::Deserialize;

use super::integration::Integration;
use crate::client::client::Client;
use crate::client::reply::{Data, Reply};
use crate::error::Error;
use crate::transport::Endpoint;

static LIST: Endpoint = Endpoint::new(Method::GET, "/integrations", "list integrations");

static READ: Endpoint =
    Endpoint::new(Method::GET, "/integrations/{uniqueKey}", "read an integration").of("the integration");

static DELETE: Endpoint =
    Endpoint::new(Method::DELETE, "/integrations/{uniqueKey}", "delete an integration").of("the integration");

/// An integration that is about to be read. [`Client::integration`] creates it.
#[must_use = "nothing is requested before `send`"]
#[derive(Debug, Clone)]
pub struct ReadIntegration<'a> {
    client: &'a Client,
    id: String,
    includes: Vec<&'static str>,
}

impl Client {
    /// Returns all integrations of the environment.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn integrations(&self) -> Result<Vec<Integration>, Error> {
        let call = self.transport.call(&LIST);
        let Reply(Data(found)): Reply<Data<Vec<Integration>>> =
            call.send(call.url(&["integrations"])?).await?;
        Ok(found)
    }

    /// Reads one integration.
    ///
    /// ```no_run
    /// # async fn run(client: nango_client::Client) -> Result<(), nango_client::Error> {
    /// let slack = client.integration("slack").with_webhook_url().send().await?;
    /// println!("{:?}", slack.webhook_url);
    /// # Ok(())
    /// # }
    /// ```
    pub fn integration(&self, id: impl Into<String>) -> ReadIntegration<'_> {
        ReadIntegration { client: self, id: id.into(), includes: Vec::new() }
    }

    /// Deletes an integration **with all its connections**.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// client.delete_integration("slack-of-last-year").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such integration, and those of
    /// any call.
    pub async fn delete_integration(&self, id: &str) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Done {}
        let call = self.transport.call(&DELETE);
        let Done {} = call.send(call.url(&["integrations", id])?).await?;
        Ok(())
    }
}

impl ReadIntegration<'_> {
    /// Asks for the URL of the provider's webhooks, too.
    pub fn with_webhook_url(mut self) -> Self {
        self.includes.push("webhook");
        self
    }

    /// Asks for the credentials of the integration's app, too.
    pub fn with_credentials(mut self) -> Self {
        self.includes.push("credentials");
        self
    }

    /// Requests the integration.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such integration, and those of
    /// any call.
    pub async fn send(&self) -> Result<Integration, Error> {
        let call = self.client.transport.call(&READ);
        let mut url = call.url(&["integrations", &self.id])?;
        if !self.includes.is_empty() {
            url.query_pairs_mut().extend_pairs(self.includes.iter().map(|include| ("include", include)));
        }
        let Reply(Data(found)): Reply<Data<Integration>> = call.send(url).await?;
        Ok(found)
    }
}

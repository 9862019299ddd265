//! Creating and changing integrations.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

use super::app::{NewCredentials, WireCredentials};
use super::integration::Integration;
use crate::client::client::Client;
use crate::client::reply::{Data, Reply};
use crate::error::Error;
use crate::transport::Endpoint;

static CREATE: Endpoint = Endpoint::new(Method::POST, "/integrations", "create an integration");

static CREATE_QUICKSTART: Endpoint =
    Endpoint::new(Method::POST, "/integrations/quickstart", "create an integration with Nango's own app");

static UPDATE: Endpoint =
    Endpoint::new(Method::PATCH, "/integrations/{uniqueKey}", "change an integration").of("the integration");

/// An integration that is about to be created. [`Client::create_integration`] and
/// [`Client::create_quickstart_integration`] create it.
#[must_use = "nothing is created before `send`"]
#[derive(Clone)]
pub struct CreateIntegration<'a> {
    client: &'a Client,
    id: String,
    provider: String,
    is_quickstart: bool,
    changes: Changes,
}

/// A change of an integration. [`Client::update_integration`] creates it.
#[must_use = "nothing is changed before `send`"]
#[derive(Clone)]
pub struct UpdateIntegration<'a> {
    client: &'a Client,
    id: String,
    new_id: Option<String>,
    changes: Changes,
}

crate::__debug_only!(CreateIntegration<'_> { id, provider });
crate::__debug_only!(UpdateIntegration<'_> { id });

#[derive(Clone, Default)]
struct Changes {
    display_name: Option<String>,
    forward_webhooks: Option<bool>,
    credentials: Option<NewCredentials>,
    integration_config: BTreeMap<String, String>,
    custom: BTreeMap<String, String>,
}

impl Client {
    /// Creates an integration of a provider.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, OAuthClient, NewCredentials};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let app = OAuthClient::new("client id", "client secret").scopes(["channels:read", "chat:write"]);
    /// client.create_integration("slack", "slack").credentials(NewCredentials::OAuth2(app)).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_integration(
        &self,
        id: impl Into<String>,
        provider: impl Into<String>,
    ) -> CreateIntegration<'_> {
        let (id, provider) = (id.into(), provider.into());
        CreateIntegration { client: self, id, provider, is_quickstart: false, changes: Changes::default() }
    }

    /// Creates an integration that uses Nango's own app at the provider: for trying it out, on servers that
    /// have such apps.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// client.create_quickstart_integration("slack", "slack").display_name("Slack").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_quickstart_integration(
        &self,
        id: impl Into<String>,
        provider: impl Into<String>,
    ) -> CreateIntegration<'_> {
        CreateIntegration { is_quickstart: true, ..self.create_integration(id, provider) }
    }

    /// Changes an integration.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// client.update_integration("slack").display_name("Slack for Acme").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_integration(&self, id: impl Into<String>) -> UpdateIntegration<'_> {
        UpdateIntegration { client: self, id: id.into(), new_id: None, changes: Changes::default() }
    }
}

macro_rules! changes {
    () => {
        /// Sets the display name, for user interfaces.
        pub fn display_name(mut self, name: impl Into<String>) -> Self {
            self.changes.display_name = Some(name.into());
            self
        }

        /// Sets whether webhooks of the provider are forwarded to the app.
        pub fn forward_webhooks(mut self, are_forwarded: bool) -> Self {
            self.changes.forward_webhooks = Some(are_forwarded);
            self
        }

        /// Sets the credentials of the app at the provider.
        pub fn credentials(mut self, credentials: NewCredentials) -> Self {
            self.changes.credentials = Some(credentials);
            self
        }

        /// Sets a field of the configuration, for providers that declare it.
        pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
            self.changes.integration_config.insert(key.into(), value.into());
            self
        }

        /// Sets a field of Nango's `custom`.
        pub fn custom(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
            self.changes.custom.insert(key.into(), value.into());
            self
        }
    };
}

impl CreateIntegration<'_> {
    changes!();

    /// Creates the integration.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the id is taken, the provider is unknown, or
    /// credentials are missing or of another kind, and those of any call. It is sent once.
    pub async fn send(&self) -> Result<Integration, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            unique_key: &'a str,
            provider: &'a str,
            #[serde(flatten)]
            changes: WireChanges<'a>,
        }
        let (endpoint, path): (_, &[&str]) = if self.is_quickstart {
            (&CREATE_QUICKSTART, &["integrations", "quickstart"])
        } else {
            (&CREATE, &["integrations"])
        };
        let call = self.client.transport.call(endpoint);
        let body = Body { unique_key: &self.id, provider: &self.provider, changes: (&self.changes).into() };
        let Reply(Data(created)): Reply<Data<Integration>> = call.submit(call.url(path)?, &body).await?;
        Ok(created)
    }
}

impl UpdateIntegration<'_> {
    changes!();

    /// Sets another id. Nango refuses it while there are connections.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.new_id = Some(id.into());
        self
    }

    /// Makes the change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such integration,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when Nango does not take the change, and those of
    /// any call.
    pub async fn send(&self) -> Result<Integration, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            unique_key: Option<&'a str>,
            #[serde(flatten)]
            changes: WireChanges<'a>,
        }
        let call = self.client.transport.call(&UPDATE);
        let body = Body { unique_key: self.new_id.as_deref(), changes: (&self.changes).into() };
        let Reply(Data(changed)): Reply<Data<Integration>> =
            call.submit(call.url(&["integrations", &self.id])?, &body).await?;
        Ok(changed)
    }
}

#[derive(Serialize)]
struct WireChanges<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forward_webhooks: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<WireCredentials<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    integration_config: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a Changes> for WireChanges<'a> {
    fn from(changes: &'a Changes) -> Self {
        Self {
            display_name: changes.display_name.as_deref(),
            forward_webhooks: changes.forward_webhooks,
            credentials: changes.credentials.as_ref().map(WireCredentials::from),
            integration_config: &changes.integration_config,
            custom: &changes.custom,
        }
    }
}

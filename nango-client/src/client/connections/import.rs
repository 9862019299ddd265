//! `POST /connections`.

use http::Method;
use serde::Serialize;
use serde_json::{Map, Value};

use super::details::{ConnectionDetails, details_in};
use crate::client::client::Client;
use crate::client::secret::{Exposed, Secret};
use crate::error::Error;
use crate::tags::Tags;
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static IMPORT: Endpoint =
    Endpoint::new(Method::POST, "/connections", "import a connection").of("the integration");

/// Credentials that an app already has.
#[derive(Clone)]
#[non_exhaustive]
pub enum ImportedCredentials {
    /// An API key.
    ApiKey(Secret),
    /// The installation of a GitHub App.
    App {
        /// The id of the app.
        app_id: String,
        /// The id of the installation.
        installation_id: String,
    },
    /// A name and a password.
    Basic {
        /// The name.
        username: Secret,
        /// The password.
        password: Secret,
    },
    /// The installation of a GitHub App with OAuth.
    Custom {
        /// The id of the app.
        app_id: String,
        /// The id of the installation.
        installation_id: String,
    },
    /// No credentials, for a provider that wants none.
    None,
    /// A token of OAuth 1.
    OAuth1 {
        /// The token.
        token: Secret,
        /// Its secret.
        token_secret: Secret,
    },
    /// Tokens of OAuth 2.
    OAuth2 {
        /// The access token.
        access_token: Secret,
        /// The refresh token, without which Nango cannot refresh the access token.
        refresh_token: Option<Secret>,
        /// The time of the access token's expiry, without which Nango takes it for unlimited.
        expires_at: Option<Timestamp>,
    },
    /// A token of OAuth 2's client credentials.
    OAuth2Client {
        /// The token.
        token: Secret,
        /// The id of the client.
        client_id: Secret,
        /// The secret of the client.
        client_secret: Secret,
        /// The time of the token's expiry.
        expires_at: Option<Timestamp>,
    },
    /// A token of NetSuite's token-based authentication.
    Tba {
        /// The id of the token.
        token_id: Secret,
        /// Its secret.
        token_secret: Secret,
    },
}

impl std::fmt::Debug for ImportedCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ImportedCredentials").finish_non_exhaustive()
    }
}

/// A connection that is about to be imported. [`Client::import_connection`] creates it.
#[must_use = "nothing is imported before `send`"]
#[derive(Clone)]
pub struct ImportConnection<'a> {
    client: &'a Client,
    integration: String,
    credentials: ImportedCredentials,
    id: Option<String>,
    tags: Option<Tags>,
    metadata: Option<Map<String, Value>>,
    config: Option<Map<String, Value>>,
    webhook_url: Option<String>,
}

crate::__debug_only!(ImportConnection<'_> { integration });

impl Client {
    /// Imports a connection with credentials that the app already has. Nango sends a webhook for it.
    ///
    /// An import under the id of a connection that exists replaces it: tags, metadata, configuration and
    /// webhook address that are not set again are gone (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, ImportedCredentials, Tags};
    /// # async fn run(client: Client, tags: Tags) -> Result<(), Error> {
    /// let credentials = ImportedCredentials::ApiKey("key".into());
    /// let imported = client.import_connection("openai", credentials).tags(&tags).send().await?;
    /// # let _ = imported.connection.key;
    /// # Ok(())
    /// # }
    /// ```
    pub fn import_connection(
        &self,
        integration: impl Into<String>,
        credentials: ImportedCredentials,
    ) -> ImportConnection<'_> {
        ImportConnection {
            client: self,
            integration: integration.into(),
            credentials,
            id: None,
            tags: None,
            metadata: None,
            config: None,
            webhook_url: None,
        }
    }
}

impl ImportConnection<'_> {
    /// Sets the id; by default Nango makes one.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the tags.
    pub fn tags(mut self, tags: &Tags) -> Self {
        self.tags = Some(tags.clone());
        self
    }

    /// Sets the metadata.
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Sets the configuration, such as a subdomain.
    pub fn config(mut self, config: Map<String, Value>) -> Self {
        self.config = Some(config);
        self
    }

    /// Sets the URL that receives its webhooks, in place of the environment's.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Imports the connection.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such integration,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the credentials are not of its kind or do not work,
    /// and those of any call. It is sent once.
    pub async fn send(&self) -> Result<ConnectionDetails, Error> {
        let call = self.client.transport.call(&IMPORT);
        let body = Body {
            provider_config_key: &self.integration,
            connection_id: self.id.as_deref(),
            credentials: (&self.credentials).into(),
            tags: self.tags.as_ref().map(Tags::as_map),
            metadata: self.metadata.as_ref(),
            connection_config: self.config.as_ref(),
            webhook_url_override: self.webhook_url.as_deref(),
        };
        Ok(call.submit_and_read(call.url(&["connections"])?, &body, details_in).await?)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    provider_config_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a str>,
    credentials: WireCredentials<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a std::collections::BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_config: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url_override: Option<&'a str>,
}

/// The credentials in Nango's spelling.
#[derive(Serialize)]
#[serde(tag = "type")]
enum WireCredentials<'a> {
    #[serde(rename = "API_KEY")]
    ApiKey {
        #[serde(rename = "apiKey")]
        key: Exposed<'a>,
    },
    #[serde(rename = "APP")]
    App { app_id: &'a str, installation_id: &'a str },
    #[serde(rename = "BASIC")]
    Basic { username: Exposed<'a>, password: Exposed<'a> },
    #[serde(rename = "CUSTOM")]
    Custom { app_id: &'a str, installation_id: &'a str },
    #[serde(rename = "NONE")]
    None,
    #[serde(rename = "OAUTH1")]
    OAuth1 { oauth_token: Exposed<'a>, oauth_token_secret: Exposed<'a> },
    #[serde(rename = "OAUTH2")]
    OAuth2 {
        access_token: Exposed<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh_token: Option<Exposed<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    #[serde(rename = "OAUTH2_CC")]
    OAuth2Client {
        token: Exposed<'a>,
        client_id: Exposed<'a>,
        client_secret: Exposed<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    #[serde(rename = "TBA")]
    Tba { token_id: Exposed<'a>, token_secret: Exposed<'a>, config_override: Map<String, Value> },
}

impl<'a> From<&'a ImportedCredentials> for WireCredentials<'a> {
    fn from(credentials: &'a ImportedCredentials) -> Self {
        use ImportedCredentials as C;
        match credentials {
            C::ApiKey(key) => Self::ApiKey { key: Exposed(key) },
            C::App { app_id, installation_id } => Self::App { app_id, installation_id },
            C::Basic { username, password } => {
                Self::Basic { username: Exposed(username), password: Exposed(password) }
            }
            C::Custom { app_id, installation_id } => Self::Custom { app_id, installation_id },
            C::None => Self::None,
            C::OAuth1 { token, token_secret } => {
                Self::OAuth1 { oauth_token: Exposed(token), oauth_token_secret: Exposed(token_secret) }
            }
            C::OAuth2 { access_token, refresh_token, expires_at } => Self::OAuth2 {
                access_token: Exposed(access_token),
                refresh_token: refresh_token.as_ref().map(Exposed),
                expires_at: *expires_at,
            },
            C::OAuth2Client { token, client_id, client_secret, expires_at } => Self::OAuth2Client {
                token: Exposed(token),
                client_id: Exposed(client_id),
                client_secret: Exposed(client_secret),
                expires_at: *expires_at,
            },
            C::Tba { token_id, token_secret } => Self::Tba {
                token_id: Exposed(token_id),
                token_secret: Exposed(token_secret),
                config_override: Map::new(),
            },
        }
    }
}

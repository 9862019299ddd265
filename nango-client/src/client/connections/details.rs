//! `GET /connections/{id}`, with everything in it.

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::url::connection_url;
use crate::client::client::Client;
use crate::client::credentials::{Credentials, credentials_in};
use crate::client::reply::{Reply, unknown};
use crate::client::wire::{Metadata, connection_in};
use crate::connection::{Connection, ConnectionKey};
use crate::error::{Error, ErrorKind};
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static READ: Endpoint =
    Endpoint::new(Method::GET, "/connections/{connectionId}", "read a connection with its credentials");

/// A connection with everything that Nango has of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionDetails {
    /// The connection.
    pub connection: Connection,
    /// The credentials.
    pub credentials: Credentials,
    /// The configuration: of the session, and what the provider has sent along with its callback and its
    /// tokens.
    pub config: Map<String, Value>,
    /// The URL that receives its webhooks, in place of the environment's.
    pub webhook_url: Option<String>,
    /// The time of the last change. Not every change moves it: that of tags does not (observed on 0.71.4).
    pub updated_at: Timestamp,
    /// The time at which the credentials were last read.
    pub last_fetched_at: Option<Timestamp>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

crate::__debug_only!(ConnectionDetails { connection, credentials, updated_at, last_fetched_at });

/// A connection that is about to be read with its credentials. [`Client::connection_details`] creates it.
#[must_use = "nothing is requested before `send`"]
#[derive(Clone)]
pub struct ReadConnection<'a> {
    client: &'a Client,
    key: ConnectionKey,
    options: Vec<&'static str>,
}

crate::__debug_only!(ReadConnection<'_> { key, options });

impl Client {
    /// Reads a connection with its credentials and its configuration. For an access token alone there
    /// is [`token`](Self::token).
    ///
    /// Nango refreshes credentials that expire within 15 minutes.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Credentials, Error};
    /// # async fn run(client: Client, basic: ConnectionKey) -> Result<(), Error> {
    /// let details = client.connection_details(&basic).send().await?;
    /// if let Credentials::Basic(login) = &details.credentials {
    ///     sign_in(login.username.expose(), login.password.expose());
    /// }
    /// # fn sign_in(_: &str, _: &str) {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn connection_details(&self, key: &ConnectionKey) -> ReadConnection<'_> {
        ReadConnection { client: self, key: key.clone(), options: Vec::new() }
    }
}

impl ReadConnection<'_> {
    /// Refreshes credentials that are still valid, too, and those whose refresh has failed before.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let details = client.connection_details(&key).force_refresh().with_refresh_token().send().await?;
    /// # let _ = details;
    ///
    /// // For a GitHub App, whose own token has a life of its own.
    /// let app = client.connection_details(&key).refresh_github_app_token().send().await?;
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    pub fn force_refresh(self) -> Self {
        self.with("force_refresh")
    }

    /// Returns the refresh token, too.
    pub fn with_refresh_token(self) -> Self {
        self.with("refresh_token")
    }

    /// Refreshes the token of the GitHub App itself, too.
    pub fn refresh_github_app_token(self) -> Self {
        self.with("refresh_github_app_jwt_token")
    }

    /// Requests the connection.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::InvalidCredentials`] when a refresh failed now
    /// or not long ago, [`ErrorKind::Unauthorized`] when the API key may not use an option,
    /// [`ErrorKind::Unavailable`] also when the response describes another connection, and those of any
    /// call.
    pub async fn send(&self) -> Result<ConnectionDetails, Error> {
        let call = self.client.transport.call(&READ);
        let mut url = connection_url(call, &self.key)?;
        url.query_pairs_mut().extend_pairs(self.options.iter().map(|option| (option, "true")));
        let found = call.send_and_read(url, details_in).await?;
        if found.connection.key == self.key { Ok(found) } else { Err(call.error(ErrorKind::Unavailable)) }
    }

    fn with(mut self, option: &'static str) -> Self {
        self.options.push(option);
        self
    }
}

/// The fields beside those of [`Connection`].
#[derive(Deserialize)]
struct Rest<'a> {
    #[serde(borrow)]
    credentials: &'a RawValue,
    connection_config: Option<Map<String, Value>>,
    webhook_url_override: Option<String>,
    updated_at: Timestamp,
    last_fetched_at: Option<Timestamp>,
}

/// Reads a connection with everything in it.
///
/// # Errors
///
/// [`ErrorKind::Unavailable`] when it is not a connection, [`ErrorKind::Decode`] when its parts cannot be
/// read.
pub(in crate::client) fn details_in(body: &[u8]) -> Result<ConnectionDetails, Error> {
    let unreadable = |_| Error::new(ErrorKind::Decode);
    let connection = connection_in(body, Metadata::Read).map_err(|_| Error::new(ErrorKind::Unavailable))?;
    let rest: Rest<'_> = serde_json::from_slice(body).map_err(unreadable)?;
    let Reply(Extra(extra)): Reply<Extra> = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(ConnectionDetails {
        connection,
        credentials: credentials_in(rest.credentials)?,
        config: rest.connection_config.unwrap_or_default(),
        webhook_url: rest.webhook_url_override,
        updated_at: rest.updated_at,
        last_fetched_at: rest.last_fetched_at,
        extra,
    })
}

/// The fields that no other type reads.
struct Extra(Map<String, Value>);

impl<'de> Deserialize<'de> for Reply<Extra> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KNOWN: [&str; 15] = [
            "connection_config", "connection_id", "created", "created_at", "credentials", "end_user",
            "errors", "id", "last_fetched_at", "metadata", "provider", "provider_config_key", "tags",
            "updated_at", "webhook_url_override",
        ];
        let mut fields = Map::deserialize(deserializer)?;
        fields.retain(|name, _| !KNOWN.contains(&name.as_str()));
        Ok(Self(Extra(unknown(fields))))
    }
}

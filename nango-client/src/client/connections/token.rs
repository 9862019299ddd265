//! `GET /connections/{id}`, for the credentials.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::url::connection_url;
use crate::client::client::Client;
use crate::connection::ConnectionKey;
use crate::error::{Cause, Error, ErrorKind};
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static TOKEN: Endpoint =
    Endpoint::new(Method::GET, "/connections/{connectionId}", "read the token of a connection");

/// An access token or API key of a provider. It has no `Display`, its `Debug` output is redacted,
/// and it is wiped on drop.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    expires_at: Option<Timestamp>,
    incarnation: i64,
}

impl Token {
    /// Returns the token itself. It belongs in no log, no error and no reply.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Returns the time of its expiry, where that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the [incarnation](crate::Connection::incarnation) of its connection.
    #[must_use]
    pub fn incarnation(&self) -> i64 {
        self.incarnation
    }
}

crate::__debug_only!(Token { expires_at });

#[derive(Deserialize)]
struct WireToken {
    id: i64,
    credentials: WireCredentials,
}

#[derive(Deserialize)]
struct WireCredentials {
    /// Missing when the key lacks the scope to read credentials.
    r#type: Option<String>,
    access_token: Option<SecretString>,
    token: Option<SecretString>,
    #[serde(rename = "apiKey")]
    api_key: Option<SecretString>,
    expires_at: Option<String>,
}

impl Client {
    /// Returns the token of a connection: for a provider's own library, or for calls that the
    /// [proxy](Self::proxy) cannot carry.
    ///
    /// Nango refreshes it when it expires within 15 minutes, and not otherwise. Request it each
    /// time instead of keeping it.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let token = client.token(&key).await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # let _ = header;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such connection; [`ErrorKind::InvalidCredentials`]
    /// when a refresh failed; [`ErrorKind::NotATokenCredential`] when the credentials are not a
    /// single token, such as a name and a password; [`ErrorKind::Unauthorized`] when the API key
    /// may not read credentials; and those of any call.
    pub async fn token(&self, key: &ConnectionKey) -> Result<Token, Error> {
        let call = self.transport.call(&TOKEN);
        let found: WireToken = call.send(connection_url(call, key)?).await?;
        let WireCredentials { r#type, access_token, token, api_key, expires_at } = found.credentials;
        if r#type.is_none() {
            let scope = Cause::MissingScope("environment:connections:read_credentials".to_owned());
            return Err(call.error(ErrorKind::Unauthorized).with_cause(scope));
        }
        let secret = access_token.or(token).or(api_key);
        Ok(Token {
            secret: secret.ok_or_else(|| call.error(ErrorKind::NotATokenCredential))?,
            expires_at: expires_at.and_then(|at| at.parse().ok()),
            incarnation: found.id,
        })
    }
}

//! Credentials, for what the proxy cannot do.

use secrecy::SecretString;
use serde::Deserialize;

use super::Client;
use crate::connection::ConnectionRef;
use crate::error::Error;
use crate::time::Timestamp;

/// A connection's credentials, as far as they are one word.
pub(crate) struct Credentials {
    pub(crate) incarnation: i64,
    /// Whether Nango gave any: a key may be one that may not read them.
    pub(crate) readable: bool,
    pub(crate) token: Option<SecretString>,
    pub(crate) expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireConnection {
    id: i64,
    credentials: WireCredentials,
}

#[derive(Deserialize)]
struct WireCredentials {
    #[serde(rename = "type")]
    kind: Option<String>,
    access_token: Option<SecretString>,
    token: Option<SecretString>,
    #[serde(rename = "apiKey")]
    api_key: Option<SecretString>,
    expires_at: Option<String>,
}

impl Client {
    /// The credentials that Nango has, refreshed when they are about to expire.
    pub(crate) async fn credentials(&self, key: &ConnectionRef) -> Result<Credentials, Error> {
        let found: WireConnection = self.transport.get(self.connection_url(key)?).await?;
        let WireCredentials { kind, access_token, token, api_key, expires_at } = found.credentials;
        Ok(Credentials {
            incarnation: found.id,
            readable: kind.is_some(),
            token: access_token.or(token).or(api_key),
            expires_at: expires_at.and_then(|at| at.parse().ok()),
        })
    }
}

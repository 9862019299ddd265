//! `GET /connections/{id}`.

use serde::Deserialize as _;
use serde_json::Value;

use super::client::Client;
use super::wire::WireConnection;
use crate::connection::{Connection, ConnectionKey};
use crate::error::{Error, ErrorKind};

/// The code of Nango's refusal to look into an integration that does not exist.
const UNKNOWN_INTEGRATION: &str = "unknown_provider_config";

/// The credentials that Nango refreshes during a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Nango's parameter is a boolean")]
pub enum Refresh {
    /// Refreshes credentials that are still valid, too.
    Force,
    /// Refreshes credentials that are about to expire.
    WhenDue,
}

/// The outcome of [`Client::look_up`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers have to handle every outcome")]
pub enum Lookup {
    /// Nango has the connection, and could not refresh its credentials, now or not long ago.
    Broken(Connection),
    /// Nango does not have the connection.
    Missing,
    /// Nango does not have the integration, so it is unknown whether it has the connection.
    UnknownIntegration,
    /// Nango has the connection, and its credentials were valid at the last refresh.
    Working(Connection),
}

impl Lookup {
    /// Returns the connection, with working credentials or not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Refused`] where there is none.
    pub(super) fn existing(self) -> Result<Connection, Error> {
        match self {
            Self::Working(found) | Self::Broken(found) => Ok(found),
            Self::Missing => Err(Error::new(ErrorKind::NotFound)),
            Self::UnknownIntegration => {
                Err(Error::new(ErrorKind::Refused).with_code(UNKNOWN_INTEGRATION.to_owned()))
            }
        }
    }
}

impl Client {
    /// Returns the connection with this key, without its credentials.
    ///
    /// Nango refreshes credentials that are about to expire first, and records that the connection
    /// was used.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::InvalidCredentials`] when a refresh
    /// failed now or not long ago, [`ErrorKind::Refused`] with the code `unknown_provider_config`
    /// when there is no such integration, and those of any call.
    pub async fn connection(&self, key: &ConnectionKey) -> Result<Connection, Error> {
        match self.look_up(key, Refresh::WhenDue).await? {
            Lookup::Broken(_) => Err(Error::new(ErrorKind::InvalidCredentials)),
            found => found.existing(),
        }
    }

    /// Looks a connection up and returns all outcomes that say something about it as success.
    ///
    /// Nango refreshes the credentials first, if they are about to expire or `refresh` forces it,
    /// and records that the connection was used.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] also when the response describes another connection,
    /// [`ErrorKind::InvalidCredentials`] when Nango could not refresh the credentials and did not
    /// describe the connection, and those of any call.
    pub async fn look_up(&self, key: &ConnectionKey, refresh: Refresh) -> Result<Lookup, Error> {
        let mut url = self.connection_url(key)?;
        if refresh == Refresh::Force {
            url.query_pairs_mut().append_pair("force_refresh", "true");
        }
        let failure = match self.transport.get::<WireConnection>(url).await {
            Ok(found) => return described(found, key).map(Lookup::Working),
            Err(failure) => failure,
        };
        match (failure.error.kind(), failure.error.code()) {
            (_, Some(UNKNOWN_INTEGRATION)) => Ok(Lookup::UnknownIntegration),
            (ErrorKind::NotFound, _) => Ok(Lookup::Missing),
            (ErrorKind::InvalidCredentials, _) => match connection_in(&failure.payload) {
                Some(found) => described(found, key).map(Lookup::Broken),
                None => Err(failure.error),
            },
            _ => Err(failure.error),
        }
    }
}

/// Returns the connection that Nango describes in its refusal (observed on 0.71.4).
fn connection_in(payload: &Value) -> Option<WireConnection> {
    WireConnection::deserialize(payload.get("connection")?).ok()
}

/// Reads a connection, which must be the requested one: a response about another is not Nango's
/// answer.
fn described(found: WireConnection, key: &ConnectionKey) -> Result<Connection, Error> {
    let found = found.read()?;
    if found.key == *key { Ok(found) } else { Err(Error::new(ErrorKind::Unavailable)) }
}

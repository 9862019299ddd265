//! `GET /connections/{id}`.

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::url::connection_url;
use crate::client::client::Client;
use crate::client::wire::{Metadata, connection_in, key_in};
use crate::connection::{Connection, ConnectionKey};
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Details, Endpoint};

static GET: Endpoint = Endpoint::new(Method::GET, "/connections/{connectionId}", "read a connection");

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
    pub(super) fn existing(self, call: Call<'_>) -> Result<Connection, Error> {
        match self {
            Self::Working(found) | Self::Broken(found) => Ok(found),
            Self::Missing => Err(call.error(ErrorKind::NotFound)),
            Self::UnknownIntegration => {
                Err(call.error(ErrorKind::Refused).with_code(UNKNOWN_INTEGRATION.to_owned()))
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
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let connection = client.connection(&key).await?;
    /// println!("{} since {}", connection.provider, connection.created_at);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::InvalidCredentials`] when a refresh
    /// failed now or not long ago, [`ErrorKind::Refused`] with the code `unknown_provider_config`
    /// when there is no such integration, and those of any call.
    pub async fn connection(&self, key: &ConnectionKey) -> Result<Connection, Error> {
        let call = self.transport.call(&GET);
        match self.look_up_with(call, key, Refresh::WhenDue, self.metadata).await? {
            Lookup::Broken(_) => Err(call.error(ErrorKind::InvalidCredentials)),
            found => found.existing(call),
        }
    }

    /// Looks a connection up and returns all outcomes that say something about it as success.
    ///
    /// Nango refreshes the credentials first, if they are about to expire or `refresh` forces it,
    /// and records that the connection was used.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Lookup, Refresh};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// match client.look_up(&key, Refresh::WhenDue).await? {
    ///     Lookup::Working(_) => println!("it works"),
    ///     Lookup::Broken(_) => println!("its owner has to authorise it again"),
    ///     _ => println!("there is none"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] also when the response describes another connection,
    /// [`ErrorKind::Decode`] when it describes this one in a way that cannot be read,
    /// [`ErrorKind::InvalidCredentials`] when Nango could not refresh the credentials and did not
    /// describe the connection, and those of any call.
    pub async fn look_up(&self, key: &ConnectionKey, refresh: Refresh) -> Result<Lookup, Error> {
        self.look_up_with(self.transport.call(&GET), key, refresh, self.metadata).await
    }

    pub(super) async fn look_up_with(
        &self,
        call: Call<'_>,
        key: &ConnectionKey,
        refresh: Refresh,
        metadata: Metadata,
    ) -> Result<Lookup, Error> {
        let mut url = connection_url(call, key)?;
        if refresh == Refresh::Force {
            url.query_pairs_mut().append_pair("force_refresh", "true");
        }
        let read = |body: &[u8]| described(body, key, metadata);
        let failure = match call.send_and_read(url, read).await {
            Ok(found) => return Ok(Lookup::Working(found)),
            Err(failure) => failure,
        };
        match (failure.error.kind(), failure.error.code()) {
            (_, Some(UNKNOWN_INTEGRATION)) => Ok(Lookup::UnknownIntegration),
            (ErrorKind::NotFound, _) => Ok(Lookup::Missing),
            (ErrorKind::InvalidCredentials, _) => match in_payload(failure.details.as_ref()) {
                Some(text) => {
                    described(text, key, metadata).map(Lookup::Broken).map_err(|error| call.named(error))
                }
                None => Err(failure.error),
            },
            _ => Err(failure.error),
        }
    }
}

/// Returns the connection that Nango describes in its refusal (observed on 0.71.4).
fn in_payload(details: Option<&Details>) -> Option<&[u8]> {
    #[derive(Deserialize)]
    struct Payload<'a> {
        #[serde(borrow)]
        connection: &'a RawValue,
    }
    let Payload { connection } = serde_json::from_str(details?.payload.as_ref()?.get()).ok()?;
    Some(connection.get().as_bytes()).filter(|text| key_in(text).is_some())
}

/// Reads a connection, which must be the requested one: a response about another is not Nango's
/// answer. One that names the requested connection is Nango's, even if the rest cannot be read.
fn described(text: &[u8], key: &ConnectionKey, metadata: Metadata) -> Result<Connection, Error> {
    match connection_in(text, metadata) {
        Ok(found) if found.key == *key => Ok(found),
        Err(unreadable) if key_in(text).is_some_and(|found| found == *key) => Err(unreadable),
        _ => Err(Error::new(ErrorKind::Unavailable)),
    }
}

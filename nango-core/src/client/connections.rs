//! `/connections`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::Client;
use super::envelope::Failure;
use crate::connection::{Connection, ConnectionError, ConnectionRef};
use crate::error::{Error, ErrorKind};
use crate::tags::Tags;
use crate::time::Timestamp;

/// Which connections [`Client::connections`] gives: those for which everything that is set holds.
#[derive(Debug, Clone, Default)]
pub struct ConnectionFilter {
    connection_id: Option<String>,
    integration: Option<String>,
    tags: Vec<(String, String)>,
}

impl ConnectionFilter {
    /// All connections of the environment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only the connection of this name.
    #[must_use]
    pub fn named(key: &ConnectionRef) -> Self {
        Self {
            connection_id: Some(key.connection_id().to_owned()),
            integration: Some(key.integration().to_owned()),
            tags: Vec::new(),
        }
    }

    /// Only connections with this tag. Values compare exactly, with case.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }
}

/// Whether a look may make Nango refresh credentials although it would not by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    WhenDue,
    Force,
}

/// Why [`Client::look_up`] gives no connection in working order.
pub(crate) enum Refused {
    /// Nango has it, and could not refresh its credentials.
    Credentials(Box<Connection>),
    /// Nango does not know the integration.
    Integration,
    Failed(Error),
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Credentials(_) => Self::new(ErrorKind::InvalidCredentials),
            Refused::Integration => {
                Self::new(ErrorKind::Refused).with_code(Some(UNKNOWN_INTEGRATION.to_owned()))
            }
            Refused::Failed(error) => error,
        }
    }
}

impl Client {
    /// The connection of this name, without its credentials.
    ///
    /// Nango refreshes credentials that are about to expire before it answers, and notes that the connection was used.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::InvalidCredentials`] when a refresh failed now or not
    /// long ago, [`ErrorKind::Refused`] with the code `unknown_provider_config` when there is no such integration.
    pub async fn connection(&self, key: &ConnectionRef) -> Result<Connection, Error> {
        self.look_up(key, Refresh::WhenDue).await.map_err(Error::from)
    }

    pub(crate) async fn look_up(&self, key: &ConnectionRef, refresh: Refresh) -> Result<Connection, Refused> {
        let mut url = self.connection_url(key).map_err(Refused::Failed)?;
        if refresh == Refresh::Force {
            url.query_pairs_mut().append_pair("force_refresh", "true");
        }
        match self.transport.get::<WireConnection>(url).await {
            Ok(found) => found.read().map_err(Refused::Failed),
            Err(Failure { code, .. }) if code == UNKNOWN_INTEGRATION => Err(Refused::Integration),
            Err(Failure { connection: Some(found), error, .. })
                if error.kind() == ErrorKind::InvalidCredentials =>
            {
                found.read().map_or_else(
                    |error| Err(Refused::Failed(error)),
                    |found| Err(Refused::Credentials(Box::new(found))),
                )
            }
            Err(failure) => Err(Refused::Failed(failure.error)),
        }
    }

    /// One page of the connections that pass a filter, newest first. Pages of at most 2000 are counted from 0.
    ///
    /// There is no cursor: rows shift between pages when connections come and go meanwhile.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] when the key may not list, and what any call can fail with.
    pub async fn connections(
        &self,
        filter: &ConnectionFilter,
        page: u32,
        limit: u32,
    ) -> Result<Vec<Connection>, Error> {
        let mut url = self.transport.url(&["connections"])?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("limit", &limit.to_string()).append_pair("page", &page.to_string());
            if let Some(id) = &filter.connection_id {
                query.append_pair("connectionId", id);
            }
            if let Some(integration) = &filter.integration {
                query.append_pair("integrationId", integration);
            }
            for (key, value) in &filter.tags {
                query.append_pair(&format!("tags[{key}]"), value);
            }
        }
        let page: WirePage = self.transport.get(url).await?;
        page.connections.into_iter().map(WireConnection::read).collect()
    }

    /// Replaces all tags of a connection. Nango sends no webhook for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such connection.
    pub async fn set_tags(&self, key: &ConnectionRef, tags: &Tags) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Patch<'a> {
            tags: &'a BTreeMap<String, String>,
        }
        let url = self.connection_url(key)?;
        let Done {} = self.transport.patch(url, &Patch { tags: tags.as_map() }).await?;
        Ok(())
    }

    /// Deletes a connection, with its credentials. Nango sends no webhook for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none (any more).
    pub async fn delete_connection(&self, key: &ConnectionRef) -> Result<(), Error> {
        let url = self.connection_url(key)?;
        let Done {} = self.transport.delete(url).await?;
        Ok(())
    }

    pub(super) fn connection_url(&self, key: &ConnectionRef) -> Result<Url, Error> {
        let mut url = self.transport.url(&["connections", key.connection_id()])?;
        url.query_pairs_mut().append_pair("provider_config_key", key.integration());
        Ok(url)
    }
}

const UNKNOWN_INTEGRATION: &str = "unknown_provider_config";

/// `{"success": true}`; the status has said all.
#[derive(Deserialize)]
struct Done {}

#[derive(Deserialize)]
struct WirePage {
    connections: Vec<WireConnection>,
}

/// A connection as `GET /connections/{id}` and `GET /connections` give it, in their two spellings. What is not named here,
/// the credentials above all, is never taken in.
#[derive(Deserialize)]
pub(super) struct WireConnection {
    id: i64,
    connection_id: String,
    provider_config_key: String,
    provider: String,
    #[serde(default)]
    errors: Vec<WireError>,
    #[serde(default)]
    end_user: Option<WireEndUser>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
    #[serde(alias = "created")]
    created_at: String,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    log_id: String,
}

#[derive(Deserialize)]
struct WireEndUser {
    id: Option<String>,
    organization: Option<WireOrganization>,
}

#[derive(Deserialize)]
struct WireOrganization {
    id: Option<String>,
}

impl WireConnection {
    fn read(self) -> Result<Connection, Error> {
        let unreadable = |_| Error::new(ErrorKind::Unavailable);
        let created_at: Timestamp = self.created_at.parse().map_err(unreadable)?;
        let mut tags = self.tags;
        if let Some(end_user) = self.end_user {
            // What Nango itself would have called them; tags win.
            let organization = end_user.organization.and_then(|organization| organization.id);
            for (key, id) in [("end_user_id", end_user.id), ("organization_id", organization)] {
                if let Some(id) = id.filter(|id| !id.is_empty()) {
                    tags.entry(key.to_owned()).or_insert(id);
                }
            }
        }
        let error = |error: WireError| ConnectionError { kind: error.kind, log_id: error.log_id };
        Ok(Connection {
            key: ConnectionRef::new(self.provider_config_key, self.connection_id),
            incarnation: self.id,
            provider: self.provider,
            tags: Tags::received(tags),
            errors: self.errors.into_iter().map(error).collect(),
            created_at,
            metadata: self.metadata.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_spellings_and_no_credentials() {
        let get = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack","errors":[],
            "end_user":null,"tags":{"end_user_id":"a"},"metadata":null,"connection_config":{},
            "webhook_url_override":null,"created_at":"2026-11-23T09:02:01.820+00:00",
            "updated_at":"2026-11-23T09:02:01.820+00:00","last_fetched_at":null,"credentials":{"apiKey":"s"}}"#;
        let list = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack","errors":[],
            "end_user":null,"tags":{"end_user_id":"a"},"metadata":null,"created":"2026-11-23T09:02:01.82+00:00"}"#;
        let read = |text| serde_json::from_str::<WireConnection>(text).unwrap().read().unwrap();
        assert_eq!(read(get), read(list));
    }

    #[test]
    fn the_deprecated_end_user_is_read_as_tags_that_are_missing() {
        let text = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack",
            "end_user":{"id":"old","organization":{"id":"acme"}},"tags":{"end_user_id":"new"},
            "created":"2026-11-23T09:02:01Z"}"#;
        let connection = serde_json::from_str::<WireConnection>(text).unwrap().read().unwrap();
        assert_eq!(connection.tags.get("end_user_id"), Some("new"));
        assert_eq!(connection.tags.get("organization_id"), Some("acme"));
    }
}

//! Connect sessions.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::defaults::{IntegrationDefaults, SessionDefaults};
use crate::client::client::Client;
use crate::connection::ConnectionKey;
use crate::error::{Error, ErrorKind, InvalidField};
use crate::tags::Tags;
use crate::timestamp::Timestamp;
use crate::transport::{ConnectUi, Endpoint};

static CREATE: Endpoint = Endpoint::new(Method::POST, "/connect/sessions", "create a connect session");

static RECONNECT: Endpoint =
    Endpoint::new(Method::POST, "/connect/sessions/reconnect", "create a reconnect session");

/// A connect session: 30 minutes in which a browser may create connections that carry the session's
/// tags.
///
/// A session is not used up by success: its token can create several connections (observed on
/// 0.71.4).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectSession {
    /// The token that the browser opens Nango's Connect UI with.
    pub token: SessionToken,
    /// The time of its expiry.
    pub expires_at: Timestamp,
    /// The address at which the browser of the session's user opens the Connect UI: in a window, or
    /// from an app on a phone. `None` if Nango does not name it and the client has no
    /// [`connect_url`](crate::ClientBuilder::connect_url).
    pub connect_link: Option<ConnectLink>,
}

/// The address of the Connect UI with the token of a session in it. Like the token, it goes to the
/// browser of the session's user, and nowhere else.
#[derive(Clone)]
pub struct ConnectLink {
    ui: ConnectUi,
    /// What the address is made of.
    session: SecretString,
    /// Made when it is asked for: most sessions go to a browser as their token alone.
    address: OnceLock<SecretString>,
}

impl ConnectLink {
    fn new(ui: &ConnectUi, token: &SecretString, link: Option<SecretString>) -> Option<Self> {
        let session = ui.needed(token, link)?;
        Some(Self { ui: ui.clone(), session, address: OnceLock::new() })
    }

    /// Returns the address, to be opened in the user's browser.
    #[must_use]
    pub fn expose(&self) -> &str {
        let make = || SecretString::from(self.ui.address(self.session.expose_secret()));
        self.address.get_or_init(make).expose_secret()
    }
}

crate::__debug_only!(ConnectLink {});

/// The token of a connect session. It goes to the browser of the session's user, and nowhere else.
#[derive(Clone)]
pub struct SessionToken(pub(super) SecretString);

impl SessionToken {
    /// Returns the token, to be sent to the user's browser.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

crate::__debug_only!(SessionToken {});

impl Client {
    /// Creates a session in which any of these integrations can be connected.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the list is empty: to Nango it would mean all
    /// integrations. And those of any call.
    pub async fn create_connect_session(
        &self,
        tags: &Tags,
        integrations: &[&str],
        defaults: &SessionDefaults,
    ) -> Result<ConnectSession, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            tags: &'a BTreeMap<String, String>,
            allowed_integrations: &'a [&'a str],
            #[serde(flatten)]
            common: Common<'a>,
        }
        if integrations.is_empty() {
            let reason = "the session allows no integration, which to Nango means all of them";
            return Err(self.transport.call(&CREATE).named(Error::invalid_request(reason)));
        }
        let common = Common::new(defaults, Some(integrations));
        let body = Body { tags: tags.as_map(), allowed_integrations: integrations, common };
        let created = self.create(&CREATE, &["connect", "sessions"], &body).await;
        created.map_err(|error| error.with_invalid_fields(|field| name_integration(field, integrations)))
    }

    /// Creates a session in which every integration of the environment can be connected, also one that is
    /// added later. [`create_connect_session`](Self::create_connect_session) names those that can.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, SessionDefaults, Tags};
    /// # async fn run(client: Client, tags: Tags) -> Result<(), Error> {
    /// client.check_connect_sessions().await?; // may the key create them?
    /// let session = client.create_connect_session_for_all(&tags, &SessionDefaults::new()).await?;
    /// println!("until {}", session.expires_at);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn create_connect_session_for_all(
        &self,
        tags: &Tags,
        defaults: &SessionDefaults,
    ) -> Result<ConnectSession, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            tags: &'a BTreeMap<String, String>,
            #[serde(flatten)]
            common: Common<'a>,
        }
        let body = Body { tags: tags.as_map(), common: Common::new(defaults, None) };
        self.create(&CREATE, &["connect", "sessions"], &body).await
    }

    /// Creates a session in which one connection is authorised again.
    ///
    /// Nango replaces the connection's tags and its webhook address by those of the session, so
    /// that a session which leaves them out wipes them (observed on 0.71.4): they are parameters
    /// here, not options.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, SessionDefaults, Tags};
    /// # async fn run(client: Client, key: ConnectionKey, tags: Tags) -> Result<(), Error> {
    /// let session = client.create_reconnect_session(&key, &tags, &SessionDefaults::new()).await?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] when there is no such connection (observed on 0.71.4), and those of
    /// any call.
    pub async fn create_reconnect_session(
        &self,
        key: &ConnectionKey,
        tags: &Tags,
        defaults: &SessionDefaults,
    ) -> Result<ConnectSession, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            connection_id: &'a str,
            integration_id: &'a str,
            tags: &'a BTreeMap<String, String>,
            #[serde(flatten)]
            common: Common<'a>,
        }
        let integration_id = key.integration();
        let common = Common::new(defaults, Some(&[integration_id]));
        let body = Body { connection_id: key.connection_id(), integration_id, tags: tags.as_map(), common };
        self.create(&RECONNECT, &["connect", "sessions", "reconnect"], &body).await
    }

    /// Checks that the key may create connect sessions, without creating one.
    ///
    /// It sends a body that Nango refuses, which it does only after it has checked the key's scopes
    /// (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] when the key may not, and those of any call.
    pub async fn check_connect_sessions(&self) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Invalid {
            tags: u8,
        }
        match self.create(&CREATE, &["connect", "sessions"], &Invalid { tags: 0 }).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Refused && error.code() == Some("invalid_body") => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn create(
        &self,
        endpoint: &'static Endpoint,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<ConnectSession, Error> {
        let call = self.transport.call(endpoint);
        let Created { data } = call.submit(call.url(path)?, body).await?;
        Ok(ConnectSession {
            connect_link: ConnectLink::new(self.transport.connect_ui(), &data.token, data.connect_link),
            token: SessionToken(data.token),
            expires_at: data.expires_at,
        })
    }
}

/// Replaces the position of an integration that does not exist by its id.
fn name_integration(field: &mut InvalidField, integrations: &[&str]) {
    let position = field.path.strip_prefix("allowed_integrations.").and_then(|number| number.parse().ok());
    if let Some(id) = position.and_then(|position: usize| integrations.get(position))
        && field.unknown_integration.is_some()
    {
        field.unknown_integration = Some((*id).to_owned());
    }
}

#[derive(Serialize)]
struct Common<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    integrations_config_defaults: BTreeMap<&'a str, WireDefaults<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<&'a str, Override<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url_override: Option<&'a str>,
}

#[derive(Serialize)]
struct Override<'a> {
    docs_connect: &'a str,
}

#[derive(Serialize)]
struct WireDefaults<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_scopes: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    authorization_params: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    connection_config: &'a BTreeMap<String, String>,
}

impl<'a> Common<'a> {
    /// Takes only the defaults of the session's own integrations; with `None` all of them.
    fn new(defaults: &'a SessionDefaults, integrations: Option<&[&str]>) -> Self {
        let is_chosen = |id: &str| integrations.is_none_or(|integrations| integrations.contains(&id));
        let chosen = || defaults.integrations.iter().filter(|(id, _)| is_chosen(id));
        let docs = |(id, defaults): (&'a String, &'a IntegrationDefaults)| {
            Some((id.as_str(), Override { docs_connect: defaults.docs_url.as_deref()? }))
        };
        Self {
            // Of an integration with nothing but documentation there are no defaults.
            integrations_config_defaults: chosen()
                .filter(|(_, defaults)| defaults.docs_url.is_none() || !defaults.has_only_docs())
                .map(|(id, defaults)| (id.as_str(), defaults.into()))
                .collect(),
            overrides: chosen().filter_map(docs).collect(),
            webhook_url_override: defaults.webhook_url.as_deref(),
        }
    }
}

impl<'a> From<&'a IntegrationDefaults> for WireDefaults<'a> {
    fn from(defaults: &'a IntegrationDefaults) -> Self {
        let IntegrationDefaults { user_scopes, authorization_params, connection_config, docs_url: _ } =
            defaults;
        Self { user_scopes: user_scopes.as_deref(), authorization_params, connection_config }
    }
}

#[derive(Deserialize)]
pub(in crate::client) struct Created {
    data: CreatedSession,
}

#[derive(Deserialize)]
struct CreatedSession {
    token: SecretString,
    expires_at: Timestamp,
    #[serde(default)]
    connect_link: Option<SecretString>,
}

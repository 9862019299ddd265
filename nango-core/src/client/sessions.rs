//! `/connect/sessions`.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Client;
use crate::connection::ConnectionRef;
use crate::error::Error;
use crate::tags::Tags;
use crate::time::Timestamp;

/// A connect session: 30 minutes in which a browser may make connections that carry the session's tags.
///
/// A session is not used up by success: the same token can make several connections (observed on 0.71.4).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectSession {
    /// What the browser opens Nango's Connect UI with.
    pub token: SessionToken,
    /// When Nango forgets it.
    pub expires_at: Timestamp,
}

/// The token of a connect session. It goes to the browser of the owner it was made for, and nowhere else.
#[derive(Clone)]
pub struct SessionToken(SecretString);

impl SessionToken {
    /// The token, to be sent to the owner's browser.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// What every session of an app asks for, beside its owner and its integrations.
///
/// ```
/// use nango_core::{IntegrationDefaults, SessionDefaults};
///
/// let defaults = SessionDefaults::new()
///     .integration("slack", IntegrationDefaults::new().user_scopes("channels:read"))
///     .integration("google", IntegrationDefaults::new().authorization_param("prompt", "consent"));
/// ```
#[derive(Clone, Default)]
pub struct SessionDefaults {
    integrations: BTreeMap<String, IntegrationDefaults>,
    webhook_url: Option<String>,
}

impl SessionDefaults {
    /// Nothing beyond what Nango does by itself.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What sessions ask for when this integration is connected.
    #[must_use]
    pub fn integration(mut self, id: impl Into<String>, defaults: IntegrationDefaults) -> Self {
        self.integrations.insert(id.into(), defaults);
        self
    }

    /// Where webhooks of the connections go instead of the environment's address (`webhook_url_override`).
    ///
    /// Nango refuses loopback and private addresses, and forgets it at a reconnect that does not repeat it; ours do.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    fn of<'a>(&'a self, ids: &[&str]) -> Option<BTreeMap<&'a str, &'a IntegrationDefaults>> {
        let chosen: BTreeMap<_, _> = self
            .integrations
            .iter()
            .filter(|(id, _)| ids.contains(&id.as_str()))
            .map(|(id, defaults)| (id.as_str(), defaults))
            .collect();
        (!chosen.is_empty()).then_some(chosen)
    }
}

impl fmt::Debug for SessionDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDefaults")
            .field("integrations", &self.integrations.keys())
            .finish_non_exhaustive()
    }
}

/// What a session asks for when one integration is connected.
#[derive(Clone, Default, Serialize)]
pub struct IntegrationDefaults {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_scopes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    authorization_params: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    connection_config: BTreeMap<String, String>,
}

impl IntegrationDefaults {
    /// Nothing beyond what the integration has by itself.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scopes that only the person grants, separated by commas.
    #[must_use]
    pub fn user_scopes(mut self, scopes: impl Into<String>) -> Self {
        self.user_scopes = Some(scopes.into());
        self
    }

    /// One more parameter of the provider's authorisation page.
    #[must_use]
    pub fn authorization_param(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.authorization_params.insert(key.into(), value.into());
        self
    }

    /// A preset that the person is then not asked for, such as a subdomain.
    #[must_use]
    pub fn connection_config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.connection_config.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for IntegrationDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntegrationDefaults").finish_non_exhaustive()
    }
}

impl Client {
    /// Opens a session in which any of these integrations can be connected. An empty list would mean all of them to
    /// Nango; callers rule it out.
    pub(crate) async fn create_session(
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
        let common = Common::new(defaults, integrations);
        let body = Body { tags: tags.as_map(), allowed_integrations: integrations, common };
        let url = self.transport.url(&["connect", "sessions"])?;
        let created: Created = self.transport.post(url, &body).await?;
        Ok(created.data.into())
    }

    /// Opens a session in which one connection is authorised again.
    ///
    /// Nango replaces the connection's tags and its webhook address by those of the session, so that a session which
    /// leaves them out wipes them (observed on 0.71.4): they are parameters here, not options.
    pub(crate) async fn create_reconnect_session(
        &self,
        key: &ConnectionRef,
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
        let common = Common::new(defaults, &[integration_id]);
        let body = Body { connection_id: key.connection_id(), integration_id, tags: tags.as_map(), common };
        let url = self.transport.url(&["connect", "sessions", "reconnect"])?;
        let created: Created = self.transport.post(url, &body).await?;
        Ok(created.data.into())
    }
}

#[derive(Serialize)]
struct Common<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    integrations_config_defaults: Option<BTreeMap<&'a str, &'a IntegrationDefaults>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url_override: Option<&'a str>,
}

impl<'a> Common<'a> {
    fn new(defaults: &'a SessionDefaults, integrations: &[&str]) -> Self {
        Self {
            integrations_config_defaults: defaults.of(integrations),
            webhook_url_override: defaults.webhook_url.as_deref(),
        }
    }
}

#[derive(Deserialize)]
struct Created {
    data: CreatedSession,
}

#[derive(Deserialize)]
struct CreatedSession {
    token: SecretString,
    expires_at: Timestamp,
}

impl From<CreatedSession> for ConnectSession {
    fn from(created: CreatedSession) -> Self {
        Self { token: SessionToken(created.token), expires_at: created.expires_at }
    }
}

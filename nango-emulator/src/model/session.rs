//! Connect sessions (wire reference 2; observed on Nango 0.71.4), OAuth2 flows between the redirect
//! to the provider and its callback, and the grants of the built-in provider.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::account::Account;
use super::end_user::EndUser;
use super::expiring::Expires;
use super::integration::Integration;
use super::tags::Tags;
use crate::time::saturating_add;

/// Lifetime of a session. Success does not end it.
pub(crate) const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Live or expired session. Does not implement `Debug`, since it holds its token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) token: String,
    /// Tags of the resulting connection: generated ones included, keys in lower case.
    pub(crate) tags: Tags,
    pub(crate) end_user: Option<EndUser>,
    /// Allowed integrations. `None` and `Some([])` allow all.
    pub(crate) allowed_integrations: Option<Vec<String>>,
    /// `integrations_config_defaults` by integration. The Connect UI gets an empty object too.
    pub(crate) defaults: Option<Map<String, Value>>,
    pub(crate) overrides: Option<Map<String, Value>>,
    pub(crate) webhook_url_override: Option<String>,
    pub(crate) reconnects: Option<ReconnectTarget>,
    pub(crate) expires_at: Timestamp,
}

impl Expires for Session {
    fn stored_until(&self) -> Timestamp {
        self.expires_at
    }
}

/// Connection that a reconnect session renews.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ReconnectTarget {
    /// Nango's numeric id, so that a re-created connection with the same connection id does not
    /// match.
    pub(crate) id: u64,
    pub(crate) connection_id: String,
}

impl Session {
    /// Creates a session for all integrations.
    pub(crate) fn new(token: String, tags: Tags, expires_at: Timestamp) -> Self {
        Self {
            token,
            tags,
            end_user: None,
            allowed_integrations: None,
            defaults: None,
            overrides: None,
            webhook_url_override: None,
            reconnects: None,
            expires_at,
        }
    }

    pub(crate) fn allows(&self, integration: &str) -> bool {
        match self.allowed_integrations.as_deref() {
            None | Some([]) => true,
            Some(allowed) => allowed.iter().any(|one| one == integration),
        }
    }

    /// Returns an entry of `integrations_config_defaults`, such as `user_scopes`.
    pub(crate) fn default_of(&self, integration: &str, key: &str) -> Option<&Value> {
        self.defaults.as_ref()?.get(integration)?.get(key)
    }

    /// Returns an object of `integrations_config_defaults`, such as `connection_config`.
    pub(crate) fn default_object(&self, integration: &str, key: &str) -> Option<&Map<String, Value>> {
        self.default_of(integration, key)?.as_object()
    }
}

/// Flow in progress, stored under its single-use `state`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) session: Session,
    pub(crate) integration: String,
    pub(crate) connection_id: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) code_verifier: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) ws_client_id: Option<String>,
    /// Client of the query parameters `credentials[oauth_client_id_override]` and
    /// `credentials[oauth_client_secret_override]`.
    pub(crate) client_override: Option<Client>,
}

impl Expires for Flow {
    /// A flow whose session has been expired for a lifetime is abandoned.
    fn stored_until(&self) -> Timestamp {
        saturating_add(self.session.expires_at, LIFETIME)
    }
}

/// Client with which Nango authenticates to the provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

debug_only!(Client {});

impl Client {
    /// Returns the integration's client, with a connection's `config_override` laid over it.
    pub(crate) fn of(integration: &Integration, config_override: Option<&Value>) -> Self {
        let text = |name: &str| {
            let own = config_override.and_then(|over| over.get(name)).and_then(Value::as_str);
            own.or_else(|| integration.credential(name)).unwrap_or_default().to_owned()
        };
        Self { id: text("client_id"), secret: text("client_secret") }
    }
}

/// Codes and tokens that the built-in provider accepts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access_tokens: HashSet<String>,
    pub(crate) refresh_tokens: HashSet<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) scope: String,
    /// Account that the person has chosen.
    #[serde(default)]
    pub(crate) account: Account,
}

impl Grants {
    /// Revokes tokens, as a user does on the provider's site.
    pub(crate) fn revoke(&mut self, access_token: Option<&str>, refresh_token: Option<&str>) {
        if let Some(token) = access_token {
            self.access_tokens.remove(token);
        }
        if let Some(token) = refresh_token {
            self.refresh_tokens.remove(token);
        }
    }

    /// Accepts revoked tokens again.
    pub(crate) fn restore(&mut self, access_token: Option<&str>, refresh_token: Option<&str>) {
        self.access_tokens.extend(access_token.map(str::to_owned));
        self.refresh_tokens.extend(refresh_token.map(str::to_owned));
    }
}

//! Connect sessions (wire reference 2; observed on Nango 0.71.4).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{end_user::EndUser, tags::Tags};

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

//! The part of a session that is the same for all of an app's users.

use std::collections::BTreeMap;
use std::fmt;

/// The part of a session beside its tags and its integrations.
///
/// ```
/// use nango_client::{IntegrationDefaults, SessionDefaults};
///
/// let defaults = SessionDefaults::new()
///     .integration("slack", IntegrationDefaults::new().user_scopes("channels:read"))
///     .integration("google", IntegrationDefaults::new().authorization_param("prompt", "consent"));
/// ```
#[must_use]
#[derive(Clone, Default)]
pub struct SessionDefaults {
    pub(super) integrations: BTreeMap<String, IntegrationDefaults>,
    pub(super) webhook_url: Option<String>,
}

impl SessionDefaults {
    /// Creates defaults that leave everything to Nango.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the defaults for connecting an integration.
    pub fn integration(mut self, id: impl Into<String>, defaults: IntegrationDefaults) -> Self {
        self.integrations.insert(id.into(), defaults);
        self
    }

    /// Sets the URL that receives the webhooks of connections made in the session, in place of the
    /// environment's. Nango calls it `webhook_url_override`.
    ///
    /// Nango refuses URLs that point to loopback or private addresses. A reconnect session without
    /// the URL removes it from the connection.
    ///
    /// ```
    /// use nango_client::SessionDefaults;
    ///
    /// let defaults = SessionDefaults::new().webhook_url("https://eu.app.example.com/nango/webhook");
    /// # let _ = defaults;
    /// ```
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }
}

impl fmt::Debug for SessionDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDefaults")
            .field("integrations", &self.integrations.keys())
            .finish_non_exhaustive()
    }
}

/// The defaults for connecting one integration.
#[must_use]
#[derive(Clone, Default)]
pub struct IntegrationDefaults {
    pub(super) user_scopes: Option<String>,
    pub(super) authorization_params: BTreeMap<String, String>,
    pub(super) connection_config: BTreeMap<String, String>,
    pub(super) docs_url: Option<String>,
}

impl IntegrationDefaults {
    /// Creates defaults that leave everything to the integration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets scopes that are granted by the user alone, separated by commas.
    pub fn user_scopes(mut self, scopes: impl Into<String>) -> Self {
        self.user_scopes = Some(scopes.into());
        self
    }

    /// Adds a parameter of the provider's authorisation page.
    pub fn authorization_param(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.authorization_params.insert(key.into(), value.into());
        self
    }

    /// Presets a value that the user is then not asked for, such as a subdomain.
    pub fn connection_config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.connection_config.insert(key.into(), value.into());
        self
    }

    /// Sets the page that the Connect UI links to for help, in place of Nango's. Nango calls it
    /// `docs_connect`, and refuses it without a plan that has it, so on every self-hosted server
    /// (observed on 0.71.4).
    pub fn docs_url(mut self, url: impl Into<String>) -> Self {
        self.docs_url = Some(url.into());
        self
    }

    /// Returns `true` if nothing but the documentation is set.
    pub(super) fn has_only_docs(&self) -> bool {
        self.user_scopes.is_none()
            && self.authorization_params.is_empty()
            && self.connection_config.is_empty()
    }
}

crate::__debug_only!(IntegrationDefaults {});

//! Integrations: providers configured under an id of the environment (wire reference 5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::providers::Provider;

/// Provider configured under `unique_key`. Does not implement `Debug`, since it holds a client
/// secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Integration {
    pub(crate) unique_key: String,
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default = "yes")]
    pub(crate) forward_webhooks: bool,
    /// `{type, client_id, client_secret, scopes, …}`.
    #[serde(default)]
    pub(crate) credentials: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) integration_config: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) custom: Option<Map<String, Value>>,
    /// Makes the emulator stand in for the provider.
    #[serde(default, alias = "played")]
    pub(crate) emulated: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

fn yes() -> bool {
    true
}

impl Integration {
    pub(crate) fn new(unique_key: &str, provider: &Provider, now: Timestamp) -> Self {
        Self {
            unique_key: unique_key.to_owned(),
            provider: provider.name.clone(),
            display_name: None,
            forward_webhooks: true,
            credentials: None,
            integration_config: None,
            custom: None,
            emulated: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// Creates an integration for which the emulator stands in as provider, with client credentials
    /// that it accepts.
    pub(crate) fn emulated(unique_key: &str, provider: &Provider, now: Timestamp) -> Self {
        let credentials = (provider.auth_mode() == "OAUTH2").then(|| {
            let scopes = provider.names("default_scopes").join(",");
            Map::from_iter([
                ("type".into(), "OAUTH2".into()),
                ("client_id".into(), format!("emulator-{unique_key}").into()),
                ("client_secret".into(), "emulator-client-secret".into()),
                ("scopes".into(), scopes.into()),
            ])
        });
        Self { credentials, emulated: true, ..Self::new(unique_key, provider, now) }
    }

    pub(crate) fn credential(&self, name: &str) -> Option<&str> {
        let value = self.credentials.as_ref()?.get(name)?.as_str()?;
        Some(value).filter(|text| !text.is_empty())
    }
}

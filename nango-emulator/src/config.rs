//! Configuration file: environment, providers, integrations, keys.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::EmulatorError;

/// Nango environment that the emulator serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Environment {
    /// Name as webhooks carry it.
    pub(crate) name: String,
    /// UUID in the URLs that providers send their webhooks to.
    pub(crate) uuid: String,
}

impl Default for Environment {
    fn default() -> Self {
        Self { name: "dev".into(), uuid: "d0c5ec2e-0000-4000-8000-00000000e001".into() }
    }
}

/// Content of the configuration file. Every part is optional.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) environment: Environment,
    /// Provider templates in Nango's format, by name.
    pub(crate) providers: Map<String, Value>,
    /// Integrations; `None` stands for the built-in demo, an empty list for none.
    pub(crate) integrations: Option<Vec<ConfiguredIntegration>>,
    pub(crate) api_keys: Vec<ConfiguredKey>,
    /// Names under which the emulator is reached, besides `localhost` and IP addresses.
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) environment_variables: Map<String, Value>,
    /// Functions that are deployed: syncs with their records, actions with their output.
    pub(crate) functions: Vec<Value>,
    pub(crate) webhooks: Switches,
}

/// Integration of the configuration file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfiguredIntegration {
    pub(crate) unique_key: String,
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) forward_webhooks: Option<bool>,
    #[serde(default)]
    pub(crate) credentials: Option<Map<String, Value>>,
    /// Makes the emulator stand in for the provider. Default: true for OAuth2 without credentials.
    #[serde(default, alias = "played")]
    pub(crate) emulated: Option<bool>,
    /// Address that takes the place of the provider's API behind the proxy.
    #[serde(default)]
    pub(crate) api_url: Option<String>,
}

/// Additional API key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfiguredKey {
    pub(crate) key: String,
    pub(crate) scopes: Vec<String>,
}

/// Webhook settings of the environment.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Switches {
    pub(crate) secondary_url: Option<String>,
    pub(crate) on_auth_creation: bool,
    pub(crate) on_auth_refresh_error: bool,
    pub(crate) on_async_action_completion: bool,
    pub(crate) on_sync_completion_always: bool,
    pub(crate) on_sync_error: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            secondary_url: None,
            on_auth_creation: true,
            on_auth_refresh_error: true,
            on_async_action_completion: true,
            on_sync_completion_always: true,
            on_sync_error: true,
        }
    }
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self, EmulatorError> {
        let bytes = std::fs::read(path).map_err(|source| EmulatorError::Io { path: path.into(), source })?;
        // The text of a serde error may quote a secret; its position does not.
        serde_json::from_slice(&bytes).map_err(|error| EmulatorError::Parse {
            path: path.into(),
            reason: match error.classify() {
                serde_json::error::Category::Data if error.to_string().starts_with("unknown field") => {
                    error.to_string()
                }
                _ => format!("line {} column {}", error.line(), error.column()),
            },
        })
    }
}

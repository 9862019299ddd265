//! The configuration file: an environment, providers, integrations, keys.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::EmulatorError;

/// The Nango environment that is played.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Environment {
    /// As webhooks carry it.
    pub(crate) name: String,
    /// Part of the URL that providers send their webhooks to.
    pub(crate) uuid: String,
}

impl Default for Environment {
    fn default() -> Self {
        Self { name: "dev".into(), uuid: "d0c5ec2e-0000-4000-8000-00000000e001".into() }
    }
}

/// The whole file. Every part may be missing.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) environment: Environment,
    /// Provider templates in Nango's shape, by name.
    pub(crate) providers: Map<String, Value>,
    /// `None` means the built-in demo, an empty list means none.
    pub(crate) integrations: Option<Vec<ConfiguredIntegration>>,
    pub(crate) api_keys: Vec<ConfiguredKey>,
    pub(crate) environment_variables: Map<String, Value>,
    pub(crate) webhooks: Switches,
}

/// An integration of the file.
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
    /// Whether the emulator plays the provider; it does for OAuth2 without credentials.
    #[serde(default)]
    pub(crate) played: Option<bool>,
}

/// A further API key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfiguredKey {
    pub(crate) key: String,
    pub(crate) scopes: Vec<String>,
}

/// The environment's webhook settings.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Switches {
    pub(crate) secondary_url: Option<String>,
    pub(crate) on_auth_creation: bool,
    pub(crate) on_auth_refresh_error: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { secondary_url: None, on_auth_creation: true, on_auth_refresh_error: true }
    }
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self, EmulatorError> {
        let bytes =
            std::fs::read(path).map_err(|source| EmulatorError::File { path: path.into(), source })?;
        // The text of a serde error may quote a secret; its place does not.
        serde_json::from_slice(&bytes).map_err(|error| EmulatorError::Format {
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

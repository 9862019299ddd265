//! A configuration from variables of the environment.

use std::env;

use nango_client::{ApiKey, SigningKeys};

use super::NangoBuilder;
use crate::config::ConfigError;
use crate::store::ConnectionStore;

impl NangoBuilder {
    /// Starts a configuration with the values of the environment.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `NANGO_SECRET_KEY`, or `NANGO_API_KEY` | the API key; required |
    /// | `NANGO_WEBHOOK_SIGNING_KEY` | the signing keys, separated by commas; without it the API key, with a warning: only environments made before 2026-04-20 use one key for both |
    /// | `NANGO_HOST` | the server, if it is not `https://api.nango.dev` |
    /// | `NANGO_PUBLIC_SERVER_URL` | the server's address for browsers, if it is not the same |
    /// | `NANGO_PUBLIC_CONNECT_URL` | the address of the Connect UI, if the server does not name the right one |
    /// | `NANGO_HANDLE_KEY` | the keys that connection handles are made with, separated by commas, the first for new ones |
    ///
    /// ```no_run
    /// use nango_core::{ConfigError, MemoryStore, Nango, NangoBuilder};
    ///
    /// # fn run() -> Result<(), ConfigError> {
    /// let builder = NangoBuilder::from_env(MemoryStore::new())?; // or `Nango::from_env`
    /// # let _ = (builder, Nango::from_env(MemoryStore::new())?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no API key, or when a value is not valid.
    pub fn from_env(store: impl ConnectionStore) -> Result<Self, ConfigError> {
        let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let api_key = variable("NANGO_SECRET_KEY")
            .or_else(|| variable("NANGO_API_KEY"))
            // A line end, of the file that it was read from.
            .map(|key| key.trim().to_owned())
            .ok_or(ConfigError::MissingVariable { name: "NANGO_SECRET_KEY" })?;
        let signing_keys = match variable("NANGO_WEBHOOK_SIGNING_KEY") {
            Some(keys) => keys.parse()?,
            None => {
                tracing::warn!(
                    "NANGO_WEBHOOK_SIGNING_KEY is not set: webhooks are verified with the API key, which is right only for \
                     environments made before 2026-04-20"
                );
                SigningKeys::new([api_key.as_str()])?
            }
        };
        let mut builder = Self::new(ApiKey::new(api_key), signing_keys, Box::new(store));
        if let Some(host) = variable("NANGO_HOST") {
            builder = builder.host(host);
        }
        if let Some(url) = variable("NANGO_PUBLIC_SERVER_URL") {
            builder = builder.public_host(url.trim());
        }
        if let Some(url) = variable("NANGO_PUBLIC_CONNECT_URL") {
            builder = builder.connect_url(url.trim());
        }
        if let Some(keys) = variable("NANGO_HANDLE_KEY") {
            builder = builder.handle_keys(keys.split(',').map(str::trim));
        }
        Ok(builder)
    }
}

//! The key that authorises calls to Nango's API.

use std::fmt;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::config_error::ConfigError;

/// An API key of a Nango environment. It has no `Display`, its `Debug` output is redacted, and it
/// is wiped on drop.
///
/// Functions that take one also take a text, and report a text that cannot be a key.
///
/// ```
/// use nango_client::ApiKey;
///
/// let key = ApiKey::new("f00d")?;
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
/// assert!(ApiKey::new("f00d\n").is_err());
/// # Ok::<(), nango_client::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Takes a key as Nango shows it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnusableKey`] when it is empty, or has characters that cannot be in an HTTP
    /// header.
    pub fn new(key: impl Into<String>) -> Result<Self, ConfigError> {
        let key = SecretString::from(key.into());
        let text = key.expose_secret();
        if text.trim().is_empty() || HeaderValue::from_str(text).is_err() {
            return Err(ConfigError::UnusableKey { what: "API key" });
        }
        Ok(Self(key))
    }

    /// Returns the key as text. It belongs in no log, no error and no reply.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for ApiKey {
    type Error = ConfigError;

    fn try_from(key: String) -> Result<Self, ConfigError> {
        Self::new(key)
    }
}

impl TryFrom<&str> for ApiKey {
    type Error = ConfigError;

    fn try_from(key: &str) -> Result<Self, ConfigError> {
        Self::new(key)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

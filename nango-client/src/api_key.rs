//! The key that authorises calls to Nango's API, and errors of a configuration.

use std::convert::Infallible;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// An API key of a Nango environment. It has no `Display`, its `Debug` output is redacted, and it
/// is wiped on drop.
///
/// Functions that take one also take a text, and report a text that cannot be a key.
///
/// ```
/// use nango_client::ApiKey;
///
/// let key = ApiKey::new("f00d")?;
/// assert_eq!(format!("{key:?}"), "ApiKey { .. }");
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

crate::__debug_only!(ApiKey {});

/// A configuration that cannot work, found before any call is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The HTTP client cannot be created, because of the system's TLS set-up.
    #[error("the HTTP client cannot be created; check the system's TLS set-up")]
    HttpClient,
    /// The host has a user name or a password. It would be repeated wherever the host is, such as in
    /// the address that a browser is redirected to.
    #[error(
        "the Nango host has a user name or a password; leave them out, since Nango knows the app by its API key"
    )]
    HostWithCredentials,
    /// The host is not the address of a server.
    #[error("the Nango host must be an http or https address without query, such as https://api.nango.dev")]
    InvalidHost,
    /// The host is Nango's cloud, without TLS: the network in between could read the API key.
    #[error("nango's cloud is only reached over TLS; write the Nango host with https://")]
    PlainCloud,
    /// A key is empty, or has characters that cannot be in an HTTP header.
    #[error("the {what} is empty or has characters that a key cannot have")]
    UnusableKey {
        /// The key that is meant, such as `API key`.
        what: &'static str,
    },
}

/// For functions that take an [`ApiKey`](crate::ApiKey) or a text that becomes one.
impl From<Infallible> for ConfigError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

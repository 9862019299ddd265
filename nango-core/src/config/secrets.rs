//! Keys that must not be shown.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// An API key of a Nango environment. It has no `Display`, its `Debug` output is redacted, and it is wiped on drop.
///
/// ```
/// use nango_core::ApiKey;
///
/// let key = ApiKey::from("f00d");
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
/// ```
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self(key.into())
    }
}

impl From<&str> for ApiKey {
    fn from(key: &str) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

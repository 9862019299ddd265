//! Configurations that cannot work.

use std::convert::Infallible;

/// A configuration that cannot work, found before any call is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The HTTP client cannot be created, because of the system's TLS set-up.
    #[error("the HTTP client cannot be created; check the system's TLS set-up")]
    HttpClient,
    /// The host is not the address of a server.
    #[error("the Nango host must be an http or https address without query, such as https://api.nango.dev")]
    InvalidHost,
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

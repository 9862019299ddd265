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
    /// [`ConfigError::UnusableKey`] when it is empty, begins or ends with white space, or has
    /// characters that cannot be in an HTTP header.
    pub fn new(key: impl Into<String>) -> Result<Self, ConfigError> {
        let key = SecretString::from(key.into());
        let text = key.expose_secret();
        let problem = KeyProblem::of(text);
        let problem =
            problem.or_else(|| HeaderValue::from_str(text).is_err().then_some(KeyProblem::Characters));
        match problem {
            Some(problem) => Err(ConfigError::UnusableKey { what: "API key (NANGO_SECRET_KEY)", problem }),
            None => Ok(Self(key)),
        }
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
///
/// `Debug` shows the text of `Display`, so that an error that `main` returns is readable.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An allowed address of a provider's API is not one.
    #[error(
        "an allowed base address of a provider must be an https address without query, user name and password, such as \
         https://api.eu.example.com/v2"
    )]
    InvalidBaseUrl,
    /// The HTTP client cannot be created, because of the system's TLS set-up.
    #[error(
        "the HTTP client cannot be created, because of the system's TLS set-up; install the CA certificates of this \
         machine (package `ca-certificates`), or name their file in SSL_CERT_FILE"
    )]
    HttpClient,
    /// The host has a user name or a password. It would be repeated wherever the host is, such as in
    /// the address that a browser is redirected to.
    #[error(
        "the Nango host (NANGO_HOST) has a user name or a password; leave them out, since Nango knows the app by its API key"
    )]
    HostWithCredentials,
    /// A certificate that is to be trusted is not one.
    #[error(
        "a root certificate cannot be read; write PEM, which begins with -----BEGIN CERTIFICATE-----, in `.root_certificates(..)`"
    )]
    InvalidCertificate,
    /// The address of the Connect UI is not an address.
    #[error(
        "the address of the Connect UI (NANGO_PUBLIC_CONNECT_URL) must be an http or https address without query, user name \
         and password, such as https://connect.company.com"
    )]
    InvalidConnectUrl,
    /// A header cannot be sent. Its text may be secret, and is not shown.
    #[error(
        "a header of the HTTP options has a name or a text that no header can have; write it like `.header(\"x-gateway-key\", key)`"
    )]
    InvalidHeader,
    /// The host is not the address of a server.
    #[error(
        "the Nango host (NANGO_HOST) must be an http or https address without query, such as https://api.nango.dev"
    )]
    InvalidHost,
    /// The proxy is not the address of one, or there are exceptions without a proxy. The address may
    /// contain a password, and is not shown.
    #[error(
        "the proxy of the HTTP options must be an http or https address without path and query, such as http://proxy.internal:3128, \
         and `.no_proxy(..)` needs one"
    )]
    InvalidProxy,
    /// The address for browsers is not the address of a server.
    #[error(
        "the public address of Nango (NANGO_PUBLIC_SERVER_URL) must be an http or https address without query, user name and \
         password, such as https://nango.company.com"
    )]
    InvalidPublicHost,
    /// A time-out does not fit.
    #[error("the option `{what}` must be {rule}")]
    InvalidTimeout {
        /// The name of the option.
        what: &'static str,
        /// The times that it may have.
        rule: &'static str,
    },
    /// The app's name cannot be in the header `User-Agent`.
    #[error(
        "the app's name for `User-Agent` is empty or has other characters than those of ASCII; write it like billing/2.1"
    )]
    InvalidUserAgent,
    /// The host needs TLS, and the crate was compiled without.
    #[error(
        "the Nango host (NANGO_HOST) is https, and nango-client is compiled without TLS; enable its feature `rustls` or `native-tls`, \
         or the same one of nango-core"
    )]
    NoTls,
    /// The host is Nango's cloud, without TLS: the network in between could read the API key.
    #[error("nango's cloud is only reached over TLS; write the Nango host (NANGO_HOST) with https://")]
    PlainCloud,
    /// A header is set by the crate, or changes what a response means.
    #[error(
        "the header {name} of the HTTP options is set by nango-client or by the HTTP client; leave it out"
    )]
    ReservedHeader {
        /// The name of the header.
        name: String,
    },
    /// Options for the built-in HTTP client beside one of the app's own.
    #[error(
        "an HTTP client of the app's own has its own certificates, proxy, connect, read and idle time-outs; set them there, or leave \
         out `.transport(..)`"
    )]
    TransportOptions,
    /// A text cannot be a key.
    #[error("the {what} {problem}")]
    UnusableKey {
        /// The key that is meant, such as `API key (NANGO_SECRET_KEY)`.
        what: &'static str,
        /// The reason.
        problem: KeyProblem,
    },
}

crate::__debug_as_display!(ConfigError);

/// The reason why a text cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// It has characters that cannot be in an HTTP header.
    #[error("has characters that a key cannot have; copy it again from Nango's Environment settings")]
    Characters,
    /// It is empty.
    #[error("is empty; copy it from Nango's Environment settings")]
    Empty,
    /// It begins or ends with white space. No signature made with such a key would be right.
    #[error(
        "begins or ends with white space, perhaps the line end of a file that it was read from; leave that out"
    )]
    Padded,
}

impl KeyProblem {
    /// Finds what is wrong with a key of any kind.
    pub(crate) fn of(key: &str) -> Option<Self> {
        match key.trim() {
            "" => Some(Self::Empty),
            trimmed if trimmed.len() != key.len() => Some(Self::Padded),
            _ => None,
        }
    }
}

/// For functions that take an [`ApiKey`](crate::ApiKey) or a text that becomes one.
impl From<Infallible> for ConfigError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

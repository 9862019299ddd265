//! Nango's API: one file per resource, and one way to send a request.

mod connections;
mod credentials;
mod envelope;
mod integrations;
mod metadata;
mod proxy;
mod rate;
mod sessions;
mod transport;

use std::fmt;

pub use connections::ConnectionFilter;
pub use integrations::Integration;
pub use sessions::{ConnectSession, IntegrationDefaults, SessionDefaults, SessionToken};

pub(crate) use connections::{Refresh, Refused};
pub(crate) use proxy::ProxyCall;

use crate::config::{ApiKey, ConfigError};
use transport::Transport;

/// Calls to one environment of a Nango server, with one API key.
///
/// [`Nango`](crate::Nango) has one and does more with it: it knows owners. This one knows only connections. Each call
/// waits at most 5 s to connect and 20 s in all, follows no redirect and is made once. Ids are percent-encoded.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use nango_core::Client;
///
/// let client = Client::new("https://api.nango.dev", std::env::var("NANGO_SECRET_KEY")?)?;
/// for integration in client.integrations().await? {
///     println!("{} ({})", integration.id, integration.provider);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Prepares calls to the server at `host`, such as `https://api.nango.dev`.
    ///
    /// # Errors
    ///
    /// When the host is not an http or https address, when the key cannot be a key, or when TLS cannot be set up.
    pub fn new(host: &str, key: impl Into<ApiKey>) -> Result<Self, ConfigError> {
        Ok(Self { transport: Transport::new(host, &key.into())? })
    }

    /// The same client for calls that nobody waits for: what can be repeated without doing more is tried up to four times,
    /// with growing pauses, or those that Nango asks for. While little is left of the account's rate limit, such a call
    /// waits for the next window, at most a minute.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { transport: self.transport.patient() }
    }

    /// Whether so little is left of the rate limit that calls which nobody waits for should not be made.
    pub(crate) fn is_short(&self) -> bool {
        self.transport.rate.wait_for_more().is_some()
    }

    /// A client with another key of the same environment, hence with the same rate limit.
    pub(crate) fn with_key(&self, host: &str, key: &ApiKey) -> Result<Self, ConfigError> {
        Ok(Self { transport: Transport::new(host, key)?.sharing_rate_of(&self.transport) })
    }

    /// Where the provider's callback has to arrive in the end.
    pub(crate) fn callback_url(&self) -> String {
        self.transport.url(&["oauth", "callback"]).map(String::from).unwrap_or_default()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

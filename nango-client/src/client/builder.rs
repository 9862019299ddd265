//! The configuration of a client.

use super::client::Client;
use super::wire::Metadata;
use crate::api_key::{ApiKey, ConfigError};
use crate::transport::{Addresses, HttpOptions, Sender};

/// The configuration of a [`Client`].
///
/// ```
/// use nango_client::{Client, HttpOptions};
///
/// let client = Client::builder("http://nango-server:3003", "key")
///     .public_host("https://nango.example.com")
///     .connect_url("https://connect.example.com")
///     .http(HttpOptions::new().user_agent("billing/2.1"))
///     .build()?;
/// assert_eq!(client.callback_url(), "https://nango.example.com/oauth/callback");
/// # Ok::<(), nango_client::ConfigError>(())
/// ```
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder {
    key: Result<ApiKey, ConfigError>,
    addresses: Addresses,
    http: HttpOptions,
}

impl Client {
    /// Creates a client for the server at `host`, such as `https://api.nango.dev`. Sends nothing
    /// yet.
    ///
    /// # Errors
    ///
    /// Fails when the host is not an http or https address, has a user name or password, or is
    /// Nango's cloud without TLS; when the key is empty or cannot be in a header; and when TLS
    /// cannot be set up.
    pub fn new(host: &str, key: impl TryInto<ApiKey, Error: Into<ConfigError>>) -> Result<Self, ConfigError> {
        Self::builder(host, key).build()
    }

    /// Prepares a client with options: an address for browsers, HTTP options.
    pub fn builder(
        host: impl Into<String>,
        key: impl TryInto<ApiKey, Error: Into<ConfigError>>,
    ) -> ClientBuilder {
        ClientBuilder {
            key: key.try_into().map_err(Into::into),
            addresses: Addresses { host: host.into(), public_host: None, connect_url: None },
            http: HttpOptions::new(),
        }
    }
}

impl ClientBuilder {
    /// Sets the address under which browsers reach the server, if it is another than the host: a
    /// self-hosted Nango that this machine calls by the name of its container, for example.
    ///
    /// It is where a provider's callback is redirected to, and what a Connect UI calls. Nango's own
    /// setting for it is `NANGO_PUBLIC_SERVER_URL`.
    pub fn public_host(mut self, url: impl Into<String>) -> Self {
        self.addresses.public_host = Some(url.into());
        self
    }

    /// Sets the address of the Connect UI, if the server does not name the right one: the default of
    /// a self-hosted one is `http://localhost:3009`. Nango's own setting for it is
    /// `NANGO_PUBLIC_CONNECT_URL`.
    pub fn connect_url(mut self, url: impl Into<String>) -> Self {
        self.addresses.connect_url = Some(url.into());
        self
    }

    /// Sets the options of the HTTP client.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Creates the client. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// As [`Client::new`], and when an address or an option cannot work. Each error names the one that
    /// is meant.
    pub fn build(self) -> Result<Client, ConfigError> {
        let transport = Sender::new(&self.addresses, &self.key?, &self.http)?;
        Ok(Client { transport, metadata: Metadata::Read })
    }
}

// Without the addresses, which are not checked yet and may contain a password.
crate::__debug_only!(ClientBuilder { http });

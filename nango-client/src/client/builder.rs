//! The configuration of a client.

use url::Url;

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
    base_urls: Vec<String>,
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
            base_urls: Vec::new(),
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

    /// Allows further addresses of providers' APIs for [`ProxyRequest::base_url`](crate::ProxyRequest::base_url):
    /// `https://` ones with a host and a path at most. May be called again.
    ///
    /// A call to another address sends a user's credentials there, so that no address is allowed by
    /// default, and one that a user can choose belongs in no list.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey};
    /// # async fn run(key: ConnectionKey) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder("https://api.nango.dev", std::env::var("NANGO_SECRET_KEY")?)
    ///     .allow_base_urls(["https://eu.api.example.com"])
    ///     .build()?;
    /// let reply = client.proxy(&key).get("/orders").base_url("https://eu.api.example.com").send().await?;
    /// # let _ = reply;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_base_urls<U: Into<String>>(mut self, urls: impl IntoIterator<Item = U>) -> Self {
        self.base_urls.extend(urls.into_iter().map(Into::into));
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
        let base_urls = self.base_urls.iter().map(|url| base_url(url)).collect::<Result<_, _>>()?;
        Ok(Client { transport, metadata: Metadata::Read, base_urls })
    }
}

fn base_url(text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|_| ConfigError::InvalidBaseUrl)?;
    let has_more = url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    // Plain HTTP is for tests on this machine.
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_local;
    if is_safe && url.host_str().is_some() && !has_more { Ok(url) } else { Err(ConfigError::InvalidBaseUrl) }
}

// Without the addresses, which are not checked yet and may contain a password.
crate::__debug_only!(ClientBuilder { http });

//! The options of the HTTP client.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::transport::{AnyTransport, Transport};
use crate::api_key::ConfigError;

/// The name under which the crate introduces itself.
const PRODUCT: &str = concat!("nango-client/", env!("CARGO_PKG_VERSION"));

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest time-out of a call. Nothing that waits for one would still be there after more.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Nango's server closes idle sockets after 61 s (observed on 0.71.4), load balancers in front of it
/// after 60 s or less, HAProxy as Debian configures it after 50 s. A request that meets a socket which is just being closed
/// fails, and a POST cannot be repeated then, so that the client has to be the first to close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Headers that the crate or the HTTP client sets, or that would change what a response means.
const RESERVED: [&str; 19] = [
    "accept-encoding", "authorization", "base-url-override", "connection", "connection-id", "content-length",
    "content-type", "decompress", "expect", "host", "keep-alive", "provider-config-key",
    "proxy-authorization", "retries", "retry-on", "te", "transfer-encoding", "upgrade", "user-agent",
];

/// Headers of Nango, such as those that it forwards to a provider.
const RESERVED_PREFIX: &str = "nango-";

/// The options of the HTTP client: certificates, proxy, time-outs, headers, or another client.
///
/// `Debug` shows only whether options are set: addresses of proxies and headers can contain secrets.
///
/// ```
/// use std::time::Duration;
///
/// use nango_client::{Client, HttpOptions};
///
/// let http = HttpOptions::new()
///     .proxy("http://app:secret@proxy.internal:3128")
///     .no_proxy(["nango.internal", "10.0.0.0/8"])
///     .timeout(Duration::from_secs(10))
///     .header("x-gateway-key", "secret")
///     .user_agent("billing/2.1");
/// let client = Client::builder("https://nango.example", "key").http(http).build()?;
/// # let _ = client;
/// # Ok::<(), nango_client::ConfigError>(())
/// ```
#[must_use = "options have no effect until a client is built with them"]
#[derive(Clone, Default)]
pub struct HttpOptions {
    pub(super) root_certificates: Vec<Vec<u8>>,
    pub(super) proxy: Option<SecretString>,
    pub(super) no_proxy: Vec<String>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) read_timeout: Option<Duration>,
    timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    headers: Vec<(String, SecretString)>,
    user_agent: Option<String>,
    pub(super) transport: Option<Arc<dyn AnyTransport>>,
}

impl HttpOptions {
    /// Returns the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the certificates of authorities, as PEM, to those that the system trusts. For a private
    /// authority; may be called again.
    ///
    /// ```
    /// # fn options() -> std::io::Result<nango_client::HttpOptions> {
    /// let http = nango_client::HttpOptions::new().root_certificates(std::fs::read("/etc/ssl/company.pem")?);
    /// # Ok(http)
    /// # }
    /// ```
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets the HTTP proxy: `http://` or `https://`, with a user name and a password if it wants
    /// them. It is used for every host but those of [`no_proxy`](Self::no_proxy).
    ///
    /// By default the proxy is the one that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`,
    /// `ALL_PROXY`, without `NO_PROXY`), and a Nango on this machine without TLS is reached directly.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(SecretString::from(url.into()));
        self
    }

    /// Sets the hosts that are reached without the [`proxy`](Self::proxy): names with the names below
    /// them, addresses, networks such as `10.0.0.0/8`, or `*`.
    pub fn no_proxy<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.no_proxy = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the time-out for a connection with its TLS; 5 s by default, at most the
    /// [time-out](Self::timeout) of a call.
    pub fn connect_timeout(mut self, span: Duration) -> Self {
        self.connect_timeout = Some(span);
        self
    }

    /// Sets the time-out between two parts of a response; none by default but that of the call, and at
    /// most [that one](Self::timeout).
    pub fn read_timeout(mut self, span: Duration) -> Self {
        self.read_timeout = Some(span);
        self
    }

    /// Sets the time-out of a whole call; 20 s by default, at most 60 s. Retries of background calls
    /// have one each. A [proxied call](crate::ProxyRequest::timeout) can have one of its own.
    ///
    /// The deadlines of nango-core are its own: a look at a connection, for example, ends after 5 s,
    /// however long a call may take.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = Some(span);
        self
    }

    /// Sets the time for which an idle connection is kept; 30 s by default.
    ///
    /// It has to be shorter than that of the server and of everything in between. Nango's server
    /// closes idle connections after 61 s, many load balancers after 60 s, a plain Node server after
    /// 5 s. A request that meets a connection which is just being closed fails; where it is a POST,
    /// it is not certain that Nango has not received it, so that it is not repeated.
    pub fn idle_timeout(mut self, span: Duration) -> Self {
        self.idle_timeout = Some(span);
        self
    }

    /// Adds a header to every request, such as the key of a gateway. Those that the crate sets itself
    /// are refused, `Authorization` among them.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), SecretString::from(value.into())));
        self
    }

    /// Adds the name of the app, such as `billing/2.1`, to the header `User-Agent`, which is
    /// `nango-client/` and the version by default.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Sets another HTTP client. It has its own certificates, proxy and connections, so that options
    /// for those are refused beside it.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Returns the time-out of a call.
    pub(super) fn total(&self) -> Duration {
        self.timeout.unwrap_or(TOTAL_TIMEOUT)
    }

    pub(super) fn idle(&self) -> Duration {
        self.idle_timeout.unwrap_or(IDLE_TIMEOUT)
    }

    /// Returns the time-out for a connection, which by default fits into that of a call.
    pub(super) fn connect(&self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT.min(self.total()))
    }

    /// Checks what does not need an HTTP client, and returns the headers of every request.
    pub(super) fn check(&self) -> Result<HeaderMap, ConfigError> {
        let total = self.total();
        if total.is_zero() || total > LONGEST_TIMEOUT {
            return Err(ConfigError::InvalidTimeout {
                what: "timeout",
                rule: "above zero, and at most 60 s",
            });
        }
        for (what, span) in [("connect_timeout", self.connect_timeout), ("read_timeout", self.read_timeout)] {
            if span.is_some_and(|span| span.is_zero() || span > total) {
                let rule = "above zero, and not longer than `timeout` (20 s by default)";
                return Err(ConfigError::InvalidTimeout { what, rule });
            }
        }
        let is_of_the_client = !self.root_certificates.is_empty()
            || self.proxy.is_some()
            || self.connect_timeout.is_some()
            || self.read_timeout.is_some()
            || self.idle_timeout.is_some();
        if self.transport.is_some() && is_of_the_client {
            return Err(ConfigError::TransportOptions);
        }
        if self.proxy.is_none() && !self.no_proxy.is_empty() {
            return Err(ConfigError::InvalidProxy);
        }
        self.header_map()
    }

    fn header_map(&self) -> Result<HeaderMap, ConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::USER_AGENT, self.product()?);
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(|_| ConfigError::InvalidHeader)?;
            if RESERVED.contains(&name.as_str()) || name.as_str().starts_with(RESERVED_PREFIX) {
                return Err(ConfigError::ReservedHeader { name: name.as_str().to_owned() });
            }
            let mut value =
                HeaderValue::from_str(value.expose_secret()).map_err(|_| ConfigError::InvalidHeader)?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(headers)
    }

    fn product(&self) -> Result<HeaderValue, ConfigError> {
        let Some(product) = &self.user_agent else { return Ok(HeaderValue::from_static(PRODUCT)) };
        // Visible ASCII, and spaces within.
        let is_plain = product.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_padded = product.trim() != product || product.is_empty();
        let value = HeaderValue::try_from(format!("{PRODUCT} {product}"));
        value.ok().filter(|_| is_plain && !is_padded).ok_or(ConfigError::InvalidUserAgent)
    }
}

crate::__debug_only!(HttpOptions { connect_timeout, read_timeout, timeout, idle_timeout, user_agent });

//! The HTTP client that is used unless the app brings its own.

use http::Response;
use reqwest::redirect;
use secrecy::ExposeSecret;
use url::Url;

use super::base::Base;
use super::options::HttpOptions;
use super::transport::{AnyTransport, Outgoing, ResponseBody, Sending, TransportError};
use crate::api_key::ConfigError;

pub(super) struct HttpClient(reqwest::Client);

impl HttpClient {
    /// Creates a client for one server. For a Nango on this machine without TLS it has no certificates, nor the
    /// environment's proxy.
    pub(super) fn new(options: &HttpOptions, base: &Base) -> Result<Self, ConfigError> {
        let is_plain_loopback = base.is_plain_loopback();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(options.connect())
            .pool_idle_timeout(options.idle())
            // A redirect would carry the key to wherever it points.
            .redirect(redirect::Policy::none());
        if let Some(span) = options.read_timeout {
            builder = builder.read_timeout(span);
        }
        if !base.needs_tls() {
            // What reqwest repeats is refused by HTTP/2 alone, which needs TLS here. It would keep a copy of each request for that.
            builder = builder.retry(reqwest::retry::never().max_retries_per_request(0));
        }
        builder = match proxy(options)? {
            Some(proxy) => builder.proxy(proxy),
            // The environment's proxy cannot reach this machine's localhost.
            None if is_plain_loopback => builder.no_proxy(),
            None => builder,
        };
        build(builder, options, is_plain_loopback).map(Self)
    }
}

impl AnyTransport for HttpClient {
    fn send_any<'a>(&'a self, outgoing: Outgoing<'a>) -> Sending<'a> {
        let mut request = reqwest::Request::new(outgoing.method.clone(), outgoing.url.clone());
        *request.headers_mut() = outgoing.headers.clone();
        *request.body_mut() = Some(outgoing.body.clone().into());
        let sending = self.0.execute(request);
        Box::pin(async move {
            let mut received = sending.await.map_err(TransportError::of_reqwest)?;
            let (status, version) = (received.status(), received.version());
            let headers = std::mem::take(received.headers_mut());
            let mut response = Response::new(ResponseBody::of(received));
            *response.status_mut() = status;
            *response.version_mut() = version;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

fn proxy(options: &HttpOptions) -> Result<Option<reqwest::Proxy>, ConfigError> {
    let Some(url) = &options.proxy else { return Ok(None) };
    // The parser's errors do not quote the text, and are left behind all the same.
    let url = Url::parse(url.expose_secret()).map_err(|_| ConfigError::InvalidProxy)?;
    let is_address = url.host_str().is_some_and(|host| !host.is_empty())
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !is_address {
        return Err(ConfigError::InvalidProxy);
    }
    let proxy = reqwest::Proxy::all(url).map_err(|_| ConfigError::InvalidProxy)?;
    Ok(Some(proxy.no_proxy(reqwest::NoProxy::from_string(&options.no_proxy.join(",")))))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn build(
    builder: reqwest::ClientBuilder,
    options: &HttpOptions,
    is_plain_loopback: bool,
) -> Result<reqwest::Client, ConfigError> {
    let mut roots = Vec::new();
    for pem in &options.root_certificates {
        let found =
            reqwest::Certificate::from_pem_bundle(pem).map_err(|_| ConfigError::InvalidCertificate)?;
        if found.is_empty() {
            return Err(ConfigError::InvalidCertificate);
        }
        roots.extend(found);
    }
    if is_plain_loopback && roots.is_empty() && options.proxy.is_none() {
        // Reading the system's certificates took two thirds of the time of tests that create a client
        // each.
        return builder.tls_certs_only([]).build().map_err(|_| ConfigError::HttpClient);
    }
    // Without the system's certificates one that cannot be used is the only reason to fail.
    let are_usable = roots.is_empty()
        || reqwest::Client::builder().no_proxy().tls_certs_only(roots.clone()).build().is_ok();
    if !are_usable {
        return Err(ConfigError::InvalidCertificate);
    }
    builder.tls_certs_merge(roots).build().map_err(|_| ConfigError::HttpClient)
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn build(
    builder: reqwest::ClientBuilder,
    options: &HttpOptions,
    _is_plain_loopback: bool,
) -> Result<reqwest::Client, ConfigError> {
    if !options.root_certificates.is_empty() {
        return Err(ConfigError::InvalidCertificate);
    }
    builder.build().map_err(|_| ConfigError::HttpClient)
}

//! The way of a request to Nango and of the response back.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tracing::Span;
use url::Url;

use super::addresses::{Addresses, ConnectUi};
use super::base::Base;
use super::body;
use super::envelope::Failure;
use super::http_client::HttpClient;
use super::options::HttpOptions;
use super::rate_limit::{RateLimit, RateLimitState};
use super::repeat::Repeat;
use super::retries::RetryPolicy;
use super::transport::{AnyTransport, Outgoing, ResponseBody};
use crate::api_key::{ApiKey, ConfigError, KeyProblem};
use crate::error::{Cause, Error, ErrorKind};

/// `true` if the HTTP client can speak TLS.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Sends requests to one server.
#[derive(Clone)]
pub(crate) struct Sender {
    base: Base,
    public: Base,
    connect_ui: ConnectUi,
    /// The headers of every request, the key among them.
    headers: HeaderMap,
    http: Arc<dyn AnyTransport>,
    total_timeout: Duration,
    is_proxied: bool,
    pub(super) policy: RetryPolicy,
    /// The time for a call with all its attempts.
    pub(super) deadline: Option<Duration>,
    pub(super) rate_limit: RateLimit,
}

impl Sender {
    pub(crate) fn new(
        addresses: &Addresses,
        key: &ApiKey,
        options: &HttpOptions,
    ) -> Result<Self, ConfigError> {
        let (base, bearer) = (Base::parse(&addresses.host)?, bearer(key)?);
        let public = match &addresses.public_host {
            Some(host) => Base::parse_public(host)?,
            None => base.clone(),
        };
        let connect_ui = ConnectUi::parse(addresses.connect_url.as_deref(), &public)?;
        let mut headers = options.check()?;
        headers.insert(AUTHORIZATION, bearer);
        let http: Arc<dyn AnyTransport> = match &options.transport {
            Some(transport) => transport.clone(),
            None if base.needs_tls() && !HAS_TLS => return Err(ConfigError::NoTls),
            None => Arc::new(HttpClient::new(options, &base)?),
        };
        Ok(Self {
            base,
            public,
            connect_ui,
            headers,
            http,
            total_timeout: options.total(),
            is_proxied: options.proxy.is_some(),
            policy: RetryPolicy::NONE,
            deadline: None,
            rate_limit: RateLimit::default(),
        })
    }

    /// Returns the sender with another key. The rate limit is the account's, so that both share
    /// it.
    pub(crate) fn with_key(&self, key: &ApiKey) -> Result<Self, ConfigError> {
        let mut sender = self.clone();
        sender.headers.insert(AUTHORIZATION, bearer(key)?);
        Ok(sender)
    }

    /// Returns the sender with another policy.
    pub(crate) fn with_policy(&self, policy: RetryPolicy) -> Self {
        Self { policy, ..self.clone() }
    }

    /// Returns the sender with a deadline for a call with all its attempts.
    pub(crate) fn with_deadline(&self, span: Duration) -> Self {
        Self { deadline: Some(span), ..self.clone() }
    }

    pub(crate) fn sends_key_in_the_clear(&self) -> bool {
        self.base.is_in_the_clear()
    }

    pub(crate) fn is_near_rate_limit(&self) -> bool {
        self.rate_limit.time_to_reset().is_some()
    }

    pub(crate) fn rate_limit(&self) -> Option<u32> {
        self.rate_limit.limit()
    }

    pub(crate) fn rate_limit_state(&self) -> Option<RateLimitState> {
        self.rate_limit.state()
    }

    /// Returns the time-out of a call.
    pub(crate) fn total_timeout(&self) -> Duration {
        self.total_timeout
    }

    pub(crate) fn pause(&self) -> Option<Duration> {
        self.rate_limit.pause()
    }

    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        self.base.join(segments)
    }

    /// Returns the server as host and port, for texts.
    pub(super) fn authority(&self) -> &Arc<str> {
        self.base.authority()
    }

    /// Returns the host and the port of the server.
    pub(super) fn address(&self) -> (&str, u16) {
        self.base.address()
    }

    /// Returns `true` if the app has named a proxy.
    pub(super) fn is_proxied(&self) -> bool {
        self.is_proxied
    }

    /// Returns the address of a resource that a browser opens.
    pub(crate) fn public_url(&self, segments: &[&str]) -> Result<Url, Error> {
        self.public.join(segments)
    }

    /// Returns the server's address for browsers.
    pub(crate) fn public_base(&self) -> &Base {
        &self.public
    }

    /// Returns what opens sessions in the Connect UI.
    pub(crate) fn connect_ui(&self) -> &ConnectUi {
        &self.connect_ui
    }

    /// Sends a request and returns the response as it is, whatever its status. A body of more
    /// than `limit` bytes is an error.
    pub(crate) async fn send_raw(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        time_limit: Option<Duration>,
        limit: usize,
    ) -> Result<Response<Bytes>, Error> {
        let headers = self.headers(headers);
        let request = Outgoing { method: &method, url: &url, headers: &headers, body: &body };
        let exchange = async {
            let received = self.request(request, Repeat::of_proxied(&method)).await?;
            let (head, body) = received.into_parts();
            let read = body::read(body, body::declared_length(&method, &head.headers), limit).await?;
            Ok(Response::from_parts(head, read))
        };
        timeout(time_limit.unwrap_or(self.total_timeout), exchange).await.unwrap_or_else(timed_out)
    }

    /// Like [`send_raw`](Self::send_raw), for a response whose body is read by the caller. The time-out is that
    /// of its head.
    pub(crate) async fn send_streamed(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        time_limit: Option<Duration>,
    ) -> Result<Response<ResponseBody>, Error> {
        let headers = self.headers(headers);
        let request = Outgoing { method: &method, url: &url, headers: &headers, body: &body };
        let exchange = self.request(request, Repeat::of_proxied(&method));
        timeout(time_limit.unwrap_or(self.total_timeout), exchange).await.unwrap_or_else(timed_out)
    }

    /// Returns the headers of a request: its own, and those of every request, which win.
    pub(super) fn headers(&self, mut own: HeaderMap) -> Cow<'_, HeaderMap> {
        if own.is_empty() {
            return Cow::Borrowed(&self.headers);
        }
        own.extend(self.headers.clone());
        Cow::Owned(own)
    }

    /// Sends a request and returns the response before its body is read. If a connection was closed
    /// under it, the request is sent once more where that cannot have two effects.
    async fn request(&self, request: Outgoing<'_>, repeat: Repeat) -> Result<Response<ResponseBody>, Error> {
        let received = match self.http.send_any(request).await {
            Err(error) if repeat.covers(&error) => {
                tracing::debug!("a connection to nango was closed under a request, which is sent once more");
                self.http.send_any(request).await
            }
            outcome => outcome,
        };
        let received = received?;
        Span::current().record("http.response.status_code", received.status().as_u16());
        Ok(received)
    }

    /// Sends a request once and reads the response.
    pub(super) async fn send_once<T>(
        &self,
        request: Outgoing<'_>,
        time_limit: Duration,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let exchange = async {
            let received = self.request(request, Repeat::of(request.method)).await?;
            let (head, body) = received.into_parts();
            self.rate_limit.update(&head.headers);
            let length = body::declared_length(request.method, &head.headers);
            Ok((head.status, head.headers, body::read(body, length, body::MAX_RESPONSE).await))
        };
        let (status, headers, body) = timeout(time_limit, exchange).await.unwrap_or_else(timed_out)?;
        match body {
            Ok(body) if status.is_success() => Ok(read(&body).map_err(|error| not_nangos(error, status))?),
            Ok(body) => Err(Failure::read(status, &headers, &body)),
            Err(error) if error.kind() == ErrorKind::TooLarge => Err(Failure::too_large(status, &headers)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns the error of an exchange whose time-out is over.
fn timed_out<T>(_: Elapsed) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unavailable).with_cause(Cause::TimedOut))
}

/// Adds the status to the error of a response that is not what Nango sends.
fn not_nangos(error: Error, status: StatusCode) -> Error {
    if error.kind() == ErrorKind::Unavailable && error.cause().is_none() {
        error.with_cause(Cause::NotNango { status: status.as_u16() })
    } else {
        error
    }
}

fn bearer(key: &ApiKey) -> Result<HeaderValue, ConfigError> {
    let unusable =
        |_| ConfigError::UnusableKey { what: "API key (NANGO_SECRET_KEY)", problem: KeyProblem::Characters };
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(unusable)?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

#[cfg(all(test, not(any(feature = "rustls", feature = "native-tls"))))]
mod tests_without_tls {
    use super::*;

    #[test]
    fn https_needs_a_feature() {
        let key = ApiKey::new("key").unwrap();
        let options = HttpOptions::new();
        let address = |host: &str| Addresses { host: host.to_owned(), public_host: None, connect_url: None };
        let Err(error) = Sender::new(&address("https://api.nango.dev"), &key, &options) else {
            panic!("it is accepted")
        };
        assert_eq!(
            error.to_string(),
            "the Nango host (NANGO_HOST) is https, and nango-client is compiled without TLS; enable its feature `rustls` or \
             `native-tls`, or the same one of nango-core"
        );
        assert!(Sender::new(&address("http://localhost:3003"), &key, &options).is_ok());
    }
}

//! The way of a request to Nango and of the response back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use reqwest::redirect;
use tokio::time::sleep;
use tracing::Span;
use url::Url;

use super::base::Base;
use super::body;
use super::envelope::Failure;
use super::rate_limit::{RateLimit, backoff};
use crate::api_key::{ApiKey, ConfigError, KeyProblem};
use crate::error::{Cause, Error, ErrorKind, network_failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// Attempts at an idempotent background call.
const BACKGROUND_ATTEMPTS: u32 = 4;

/// `true` if the HTTP client can speak TLS.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

#[derive(Clone)]
pub(crate) struct Transport {
    base: Base,
    bearer: HeaderValue,
    http: reqwest::Client,
    /// Attempts at an idempotent call.
    attempts: u32,
    rate_limit: RateLimit,
}

impl Transport {
    pub(crate) fn new(host: &str, key: &ApiKey) -> Result<Self, ConfigError> {
        let (base, bearer) = (Base::parse(host)?, bearer(key)?);
        if base.needs_tls() && !HAS_TLS {
            return Err(ConfigError::NoTls);
        }
        let http = if base.is_plain_loopback() { loopback_client() } else { reqwest::Client::builder() };
        let http = http
            .user_agent(concat!("nango-client/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            // A redirect would carry the key to wherever it points.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|_| ConfigError::HttpClient)?;
        Ok(Self { base, bearer, http, attempts: 1, rate_limit: RateLimit::default() })
    }

    /// Returns the transport with another key. The rate limit is the account's, so that both share
    /// it.
    pub(crate) fn with_key(&self, key: &ApiKey) -> Result<Self, ConfigError> {
        Ok(Self { bearer: bearer(key)?, ..self.clone() })
    }

    /// Returns the transport for calls without a waiting caller: it retries, and leaves the last of
    /// the rate limit to others.
    pub(crate) fn background(&self) -> Self {
        Self { attempts: BACKGROUND_ATTEMPTS, ..self.clone() }
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

    /// Sends a request once and returns the response as it is, whatever its status. A body of more
    /// than `limit` bytes is an error.
    pub(crate) async fn send_raw(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        timeout: Option<Duration>,
        limit: usize,
    ) -> Result<Response<Bytes>, Error> {
        let mut received = self.request(method, url, headers, body, timeout).await?;
        let mut response = Response::new(body::read(&mut received, limit).await?);
        *response.status_mut() = received.status();
        std::mem::swap(response.headers_mut(), received.headers_mut());
        Ok(response)
    }

    /// Sends a request and returns the response before its body is read.
    async fn request(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        timeout: Option<Duration>,
    ) -> Result<reqwest::Response, Error> {
        let mut request = self.http.request(method, url).headers(headers);
        request = request.header(AUTHORIZATION, self.bearer.clone());
        if !body.is_empty() {
            request = request.body(body);
        }
        if let Some(timeout) = timeout {
            request = request.timeout(timeout);
        }
        let received = request.send().await.map_err(network_failure)?;
        Span::current().record("http.response.status_code", received.status().as_u16());
        Ok(received)
    }

    /// Sends a request, several times if it is an idempotent background call, and reads the response.
    pub(super) async fn send<T>(
        &self,
        method: Method,
        url: Url,
        body: Bytes,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        // Nango's PATCH sets values and adds none, so that only POST is not idempotent.
        let attempts = if method == Method::POST { 1 } else { self.attempts };
        if attempts > 1
            && let Some(wait) = self.rate_limit.time_to_reset()
        {
            sleep(wait).await;
        }
        for failures in 0..attempts - 1 {
            match self.send_once(method.clone(), url.clone(), body.clone(), &read).await {
                Err(failure) if failure.error.is_retryable() => {
                    sleep(backoff(failures, failure.error.retry_after())).await;
                }
                outcome => return outcome,
            }
        }
        self.send_once(method, url, body, &read).await
    }

    async fn send_once<T>(
        &self,
        method: Method,
        url: Url,
        body: Bytes,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let mut headers = HeaderMap::new();
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut received = self.request(method, url, headers, body, None).await?;
        self.rate_limit.update(received.headers());
        let body = body::read(&mut received, body::MAX_RESPONSE).await;
        let (status, headers) = (received.status(), received.headers());
        match body {
            Ok(body) if status.is_success() => Ok(read(&body).map_err(|error| not_nangos(error, status))?),
            Ok(body) => Err(Failure::read(status, headers, &body)),
            Err(error) if error.kind() == ErrorKind::TooLarge => Err(Failure::too_large(status, headers)),
            Err(error) => Err(error.into()),
        }
    }
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

/// Prepares a client without proxies and certificates: the environment's proxy cannot reach this
/// machine's localhost, and reading the system's certificates took two thirds of the time of tests
/// that create a client each.
fn loopback_client() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().no_proxy();
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

#[cfg(all(test, not(any(feature = "rustls", feature = "native-tls"))))]
mod tests_without_tls {
    use super::*;

    #[test]
    fn https_needs_a_feature() {
        let key = ApiKey::new("key").unwrap();
        let Err(error) = Transport::new("https://api.nango.dev", &key) else { panic!("it is accepted") };
        assert_eq!(
            error.to_string(),
            "the Nango host (NANGO_HOST) is https, and nango-client is compiled without TLS; enable its feature `rustls` or \
             `native-tls`, or the same one of nango-core"
        );
        assert!(Transport::new("http://localhost:3003", &key).is_ok());
    }
}

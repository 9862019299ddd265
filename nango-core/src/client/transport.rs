//! How a request is sent and its answer taken in.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;
use url::{Host, Url};

use super::envelope::Failure;
use super::rate::{LONGEST_WAIT, RateLimit};
use crate::config::{ApiKey, ConfigError};
use crate::error::{Error, ErrorKind};

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(20);

/// How long to wait after the first failure; twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);

#[derive(Clone)]
pub(super) struct Transport {
    base: Url,
    http: reqwest::Client,
    /// How often a call is made that can be repeated without doing more.
    tries: u32,
    pub(super) rate: RateLimit,
}

/// An answer that says that the call succeeded, or Nango's own description of the failure.
pub(super) type Outcome<T> = Result<T, Failure>;

/// Whether Nango runs on this machine, without TLS: the emulator, or one's own.
fn is_here(base: &Url) -> bool {
    let here = match base.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    here && base.scheme() == "http"
}

/// A proxy of the environment has no business on this machine, and what needs no certificates does not wait until the
/// system's are read: that took two thirds of the time of tests that make a client each.
fn for_here() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().no_proxy();
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

impl Transport {
    pub(super) fn new(host: &str, key: &ApiKey) -> Result<Self, ConfigError> {
        let base = Url::parse(host).map_err(|_| ConfigError::Host)?;
        let plain = base.query().is_none() && base.fragment().is_none() && base.username().is_empty();
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() || !plain {
            return Err(ConfigError::Host);
        }
        let unusable = || ConfigError::UnusableKey { what: "API key" };
        if key.expose().trim().is_empty() {
            return Err(unusable());
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| unusable())?;
        bearer.set_sensitive(true);
        let http = if is_here(&base) { for_here() } else { reqwest::Client::builder() };
        let http = http
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .user_agent(concat!("nango-core/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            // A redirect would carry the key to wherever it points.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|_| ConfigError::HttpClient)?;
        Ok(Self { base, http, tries: 1, rate: RateLimit::default() })
    }

    /// The same transport, which knows what the other one learns of the rate limit.
    pub(super) fn sharing_rate_of(self, other: &Self) -> Self {
        Self { rate: other.rate.clone(), ..self }
    }

    /// The address of a resource. A segment `.` or `..` would walk to another one, encoded or not.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
            return Err(Error::new(ErrorKind::Refused));
        }
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(segments),
            Err(()) => return Err(Error::new(ErrorKind::Refused)),
        };
        Ok(url)
    }

    /// The same transport for calls that nobody waits for: each is made up to four times, and not while little is left of
    /// the rate limit.
    pub(super) fn patient(&self) -> Self {
        Self { tries: 4, ..self.clone() }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Outcome<T> {
        self.send(Method::GET, url, None).await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, url: Url, body: &impl Serialize) -> Outcome<T> {
        self.send(Method::POST, url, Some(json(body)?)).await
    }

    pub(super) async fn patch<T: DeserializeOwned>(&self, url: Url, body: &impl Serialize) -> Outcome<T> {
        self.send(Method::PATCH, url, Some(json(body)?)).await
    }

    pub(super) async fn delete<T: DeserializeOwned>(&self, url: Url) -> Outcome<T> {
        self.send(Method::DELETE, url, None).await
    }

    /// The answer as it is, whatever it says.
    pub(super) async fn exchange(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        patience: Option<Duration>,
    ) -> Result<http::Response<Bytes>, Error> {
        let mut request = self.http.request(method, url).headers(headers);
        if !body.is_empty() {
            request = request.body(body);
        }
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        let mut response = request.send().await.map_err(unreachable)?;
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        std::mem::swap(answer.headers_mut(), response.headers_mut());
        *answer.body_mut() = response.bytes().await.map_err(unreachable)?;
        Ok(answer)
    }

    async fn send<T: DeserializeOwned>(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Outcome<T> {
        let tries = if method == Method::POST { 1 } else { self.tries };
        if tries > 1
            && let Some(wait) = self.rate.wait_for_more()
        {
            sleep(wait).await;
        }
        let mut wait = FIRST_WAIT;
        for _ in 1..tries {
            match self.send_once(method.clone(), url.clone(), body.clone()).await {
                Err(failure) if failure.error.is_retryable() => {
                    let asked = failure.error.retry_after().unwrap_or(wait);
                    sleep(asked.min(LONGEST_WAIT).mul_f64(rand::random_range(1.0..1.25))).await;
                    wait *= 2;
                }
                outcome => return outcome,
            }
        }
        self.send_once(method, url, body).await
    }

    async fn send_once<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Outcome<T> {
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let (status, headers) = (response.status(), response.headers());
        let retry_after = seconds(headers.get(RETRY_AFTER));
        self.rate.note(headers);
        let body = response.bytes().await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(Failure::read(status.as_u16(), retry_after, &body));
        }
        // The parser's message can quote the body, so it is left behind.
        Ok(serde_json::from_slice(&body).map_err(|_| Error::new(ErrorKind::Unavailable))?)
    }
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|_| Error::new(ErrorKind::Refused))
}

/// reqwest prints the URL, which has connection ids in it.
fn unreachable(error: reqwest::Error) -> Failure {
    Error::new(ErrorKind::Unavailable).with_source(error.without_url()).into()
}

fn seconds(value: Option<&HeaderValue>) -> Option<Duration> {
    value?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(host: &str) -> Result<Transport, ConfigError> {
        Transport::new(host, &ApiKey::from("key"))
    }

    #[test]
    fn ids_stay_in_their_segment() {
        let transport = transport("https://nango.example/base/").unwrap();
        let url = transport.url(&["connections", "a/b?c#d%e"]).unwrap();
        assert_eq!(url.as_str(), "https://nango.example/base/connections/a%2Fb%3Fc%23d%25e");
        assert!(transport.url(&["connections", ".."]).is_err());
    }

    #[test]
    fn only_this_machine_without_tls_is_reached_without_proxy_and_certificates() {
        let here = |host: &str| is_here(&Url::parse(host).unwrap());
        for host in
            ["http://localhost:3003", "http://127.0.0.1:3003/base", "http://127.1.2.3", "http://[::1]:3003"]
        {
            assert!(here(host), "{host}");
        }
        for host in
            ["https://localhost:3003", "http://nango:3003", "http://10.0.0.1", "http://localhost.example"]
        {
            assert!(!here(host), "{host}");
        }
    }

    #[test]
    fn a_host_is_an_address_of_a_server() {
        for host in ["", "api.nango.dev", "ftp://nango.example", "http://user@nango.example", "http://a/?b"] {
            assert!(matches!(transport(host), Err(ConfigError::Host)), "{host}");
        }
        assert!(transport("http://127.0.0.1:3003").is_ok());
    }
}

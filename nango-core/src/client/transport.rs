//! How a request is sent and its answer taken in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;
use url::Url;

use super::envelope::Failure;
use crate::config::{ApiKey, ConfigError};
use crate::error::{Error, ErrorKind};

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(20);

/// The longest wait that Nango may ask for. Its window is a minute (observed on 0.71.4).
const LONGEST_WAIT: Duration = Duration::from_secs(61);

/// How long to wait after the first failure; twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How much of the account's rate limit calls that nobody waits for leave to everybody else.
const RESERVE: u32 = 10;

#[derive(Clone)]
pub(super) struct Transport {
    base: Url,
    http: reqwest::Client,
    /// How often a call is made that can be repeated without doing more.
    tries: u32,
    /// What the last answer said. All clones share it, as they share the limit.
    rate: Arc<Mutex<Option<Rate>>>,
}

/// What is left of the account's rate limit.
#[derive(Debug, Clone, Copy)]
struct Rate {
    remaining: u32,
    resets_at: Instant,
}

/// An answer that says that the call succeeded, or Nango's own description of the failure.
pub(super) type Outcome<T> = Result<T, Failure>;

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
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .user_agent(concat!("nango-core/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            // A redirect would carry the key to wherever it points.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|_| ConfigError::HttpClient)?;
        Ok(Self { base, http, tries: 1, rate: Arc::default() })
    }

    /// The same transport, which knows what the other one learns of the rate limit.
    pub(super) fn sharing_rate_of(self, other: &Self) -> Self {
        Self { rate: Arc::clone(&other.rate), ..self }
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
            && let Some(wait) = self.wait_for_more()
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
        if let Some(rate) = Rate::read(headers) {
            *self.rate.lock().unwrap_or_else(PoisonError::into_inner) = Some(rate);
        }
        let body = response.bytes().await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(Failure::read(status.as_u16(), retry_after, &body));
        }
        // The parser's message can quote the body, so it is left behind.
        Ok(serde_json::from_slice(&body).map_err(|_| Error::new(ErrorKind::Unavailable))?)
    }

    /// How long to leave what is left of the rate limit to others; Nango's window is a minute.
    pub(super) fn wait_for_more(&self) -> Option<Duration> {
        let rate = (*self.rate.lock().unwrap_or_else(PoisonError::into_inner))?;
        let wait = rate.resets_at.saturating_duration_since(Instant::now());
        (rate.remaining < RESERVE && !wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
    }
}

impl Rate {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // In Unix seconds. Ours may be off by a little, and a limit that is not there in time is met by a 429.
        let resets_in = Duration::from_secs(number("x-ratelimit-reset")?).saturating_sub(now);
        let remaining = u32::try_from(number("x-ratelimit-remaining")?).unwrap_or(u32::MAX);
        Some(Self { remaining, resets_at: Instant::now().checked_add(resets_in)? })
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
    fn what_nobody_waits_for_leaves_the_last_of_the_rate_limit_to_others() {
        let transport = transport("http://127.0.0.1:3003").unwrap();
        assert_eq!(transport.wait_for_more(), None, "nothing is known yet");
        let read = |remaining: &'static str, resets_in: i64| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
            headers.insert("x-ratelimit-reset", now.saturating_add_signed(resets_in).into());
            *transport.rate.lock().unwrap() = Rate::read(&headers);
            transport.patient().wait_for_more()
        };
        assert_eq!(read("199", 30), None);
        assert!(read("3", 30).is_some_and(|wait| wait > Duration::from_secs(28)));
        assert_eq!(read("3", 3_600), Some(LONGEST_WAIT), "no window is that long");
        assert_eq!(read("0", -1), None, "the window is over");
    }

    #[test]
    fn a_host_is_an_address_of_a_server() {
        for host in ["", "api.nango.dev", "ftp://nango.example", "http://user@nango.example", "http://a/?b"] {
            assert!(matches!(transport(host), Err(ConfigError::Host)), "{host}");
        }
        assert!(transport("http://127.0.0.1:3003").is_ok());
    }
}

//! Requests to providers, and the paths that they may have.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, Method};
use serde::Serialize;
use url::form_urlencoded;

use super::path::below_proxy;
use super::refusal::own_refusal;
use super::reply::ProxyReply;
use crate::client::client::Client;
use crate::client::headers::{connection_headers, header_value};
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::transport::{Endpoint, Failure};

/// Nango forwards headers with this prefix, without it, and no others.
const PREFIX: &str = "nango-proxy-";

const RETRIES: HeaderName = HeaderName::from_static("retries");

/// The method is that of the proxied call.
static PROXY: Endpoint = Endpoint::new(Method::GET, "/proxy/{path}", "call the provider through the proxy");

/// The largest reply that is read by default, in bytes.
const RESPONSE_LIMIT: usize = 32 * 1024 * 1024;

/// A request to a provider that is about to be sent. [`ProxyClient`](super::ProxyClient) creates
/// it.
#[must_use = "nothing is sent before `send`"]
#[derive(Clone)]
pub struct ProxyRequest {
    client: Client,
    key: ConnectionKey,
    call: Result<Call, Error>,
}

#[derive(Clone)]
struct Call {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    timeout: Option<Duration>,
    response_limit: usize,
}

impl ProxyRequest {
    pub(super) fn new(client: Client, key: ConnectionKey, method: Method, path: &str) -> Self {
        let call = Call {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
            response_limit: RESPONSE_LIMIT,
        };
        let request = Self { client, key, call: Ok(call) };
        request.with(|call, key| {
            call.headers = connection_headers(key)?;
            Ok(())
        })
    }

    /// Adds a parameter.
    #[expect(clippy::needless_pass_by_value, reason = "`20` reads better than `&20`")]
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.with(|call, _| {
            let mut query = form_urlencoded::Serializer::new(std::mem::take(&mut call.query));
            call.query = query.append_pair(name, &value.to_string()).finish();
            Ok(())
        })
    }

    /// Adds a header for the provider.
    pub fn header(self, name: &str, text: &str) -> Self {
        self.with(|call, _| {
            let name = HeaderName::try_from(format!("{PREFIX}{name}"));
            let name = name.map_err(|_| Error::invalid_request("a header has an invalid name"))?;
            call.headers.append(name, header_value(text)?);
            Ok(())
        })
    }

    /// Sets a body of JSON: the only kind that Nango forwards unchanged.
    pub fn json(self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body("application/json", body),
            Err(_) => self.with(|_, _| Err(Error::invalid_request("the body cannot be written as JSON"))),
        }
    }

    /// Sets a body of another kind. Nango turns a form into JSON, and text into a form.
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.with(|call, _| {
            call.headers.insert(CONTENT_TYPE, header_value(content_type)?);
            call.body = body.into();
            Ok(())
        })
    }

    /// Sets the number of retries by Nango after a 5xx or 429 of the provider: after 3 s, 6 s and
    /// so on, so allow for them with [`timeout`](Self::timeout). None by default: not every call is
    /// idempotent.
    pub fn retries(self, times: u32) -> Self {
        self.with(|call, _| {
            call.headers.insert(RETRIES, times.into());
            Ok(())
        })
    }

    /// Sets the time-out of the whole call; 20 s by default.
    pub fn timeout(self, span: Duration) -> Self {
        self.with(|call, _| {
            call.timeout = Some(span);
            Ok(())
        })
    }

    /// Sets the largest body of a reply, in bytes; 32 MiB by default. A longer one is not read to
    /// its end, and takes no more memory than the limit.
    pub fn response_limit(self, bytes: usize) -> Self {
        self.with(|call, _| {
            call.response_limit = bytes;
            Ok(())
        })
    }

    /// Sends the request. A provider's error is a reply: its status and body are the provider's.
    ///
    /// # Errors
    ///
    /// Fails when Nango did not make the call: [`NotFound`](crate::ErrorKind::NotFound) when it does not have the
    /// connection, [`InvalidCredentials`](crate::ErrorKind::InvalidCredentials) when it could not refresh the credentials,
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the request cannot be sent as it is,
    /// [`Refused`](crate::ErrorKind::Refused) when Nango has no proxy for the provider, and those of any call.
    /// [`TooLarge`](crate::ErrorKind::TooLarge) when the reply is larger than
    /// [`response_limit`](Self::response_limit): the provider has received the request then.
    pub async fn send(self) -> Result<ProxyReply, Error> {
        let transport = &self.client.transport;
        let call = transport.call(&PROXY);
        let Call { method, path, query, headers, body, timeout, response_limit } =
            self.call.map_err(|error| call.named(error))?;
        let mut url = call.url(&["proxy"])?;
        url.set_path(&below_proxy(url.path(), &path).map_err(|error| call.named(error))?);
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        let named = method.clone();
        let reply = async {
            let reply = transport.send_raw(method, url, headers, body, timeout, response_limit).await?;
            own_refusal(&reply).map_or(Ok(ProxyReply(reply)), |error| Err(Failure::from(error)))
        };
        Ok(call.traced(&named, reply).await?)
    }

    /// Applies a change. The first that fails is the error of `send`.
    fn with(mut self, change: impl FnOnce(&mut Call, &ConnectionKey) -> Result<(), Error>) -> Self {
        if let Ok(call) = &mut self.call
            && let Err(error) = change(call, &self.key)
        {
            self.call = Err(error);
        }
        self
    }
}

impl fmt::Debug for ProxyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyRequest")
            .field("integration", &self.key.integration())
            .field("method", &self.call.as_ref().map(|call| &call.method))
            .finish_non_exhaustive()
    }
}

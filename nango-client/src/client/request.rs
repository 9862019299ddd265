//! Calls that this version has no method for.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::headers::{connection_headers, header_value};
use super::proxy::leads_up;
use crate::connection::ConnectionKey;
use crate::error::{Error, ErrorKind};
use crate::transport::{CallOptions, Endpoint};

/// The method is that of the request.
static REQUEST: Endpoint = Endpoint::new(Method::GET, "/{path}", "make a request").of("the resource");

/// A request to Nango's API that is about to be sent. [`Client::request`] creates it.
#[must_use = "nothing is sent before `send`"]
#[derive(Clone)]
pub struct ApiRequest<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    parts: Result<Parts, Error>,
    timeout: Option<Duration>,
}

#[derive(Clone, Default)]
struct Parts {
    headers: HeaderMap,
    body: Bytes,
}

/// The body of a successful response. `Debug` shows its length alone.
#[derive(Clone)]
#[must_use]
pub struct ApiReply(Bytes);

impl Client {
    /// Makes a request to Nango's API that this version has no method for, with the same key, limits,
    /// retries and errors. The path is that below the server's address, percent-encoded where necessary,
    /// and without parameters.
    ///
    /// ```no_run
    /// use nango_client::http::Method;
    ///
    /// # async fn run(client: nango_client::Client) -> Result<(), nango_client::Error> {
    /// let reply = client.request(Method::GET, "/integrations").send().await?;
    /// let found: serde_json::Value = reply.json()?;
    /// # let _ = found;
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, method: Method, path: impl Into<String>) -> ApiRequest<'_> {
        ApiRequest {
            client: self,
            method,
            path: path.into(),
            query: Vec::new(),
            parts: Ok(Parts::default()),
            timeout: None,
        }
    }
}

impl ApiRequest<'_> {
    /// Adds a parameter.
    #[expect(clippy::needless_pass_by_value, reason = "`20` reads better than `&20`")]
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Adds a header. The key cannot be replaced.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|parts| {
            let name = HeaderName::try_from(name);
            let name = name.map_err(|_| Error::invalid_request("a header has an invalid name"))?;
            parts.headers.append(name, header_value(value)?);
            Ok(())
        })
    }

    /// Names the connection in the headers, as calls for records and actions do.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, http::Method};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let reply = client.request(Method::GET, "/records").connection(&key).query("model", "Issue").send().await?;
    /// # let _ = reply;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connection(self, key: &ConnectionKey) -> Self {
        self.with(|parts| {
            parts.headers.extend(connection_headers(key)?);
            Ok(())
        })
    }

    /// Sets a body of JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        self.with(|parts| {
            let body = serde_json::to_vec(body)
                .map_err(|_| Error::invalid_request("the body cannot be written as JSON"))?;
            parts.body = body.into();
            Ok(())
        })
    }

    /// Sets the time-out of an attempt, in place of the client's.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = Some(span);
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it cannot be sent as it is, and those of any call: a response that is
    /// no success is an error, with Nango's code.
    pub async fn send(&self) -> Result<ApiReply, Error> {
        let call = self.client.transport.call(&REQUEST);
        let Parts { headers, body } = self.parts.clone().map_err(|error| call.named(error))?;
        let path = self.path.trim_start_matches('/');
        let is_odd = |c: char| matches!(c, '?' | '#' | '\\') || c.is_control();
        if path.contains(is_odd) || leads_up(path) {
            let reason =
                "the path contains `?`, `#`, a backslash or a control character, or a part `.` or `..`";
            return Err(call.named(Error::invalid_request(reason)));
        }
        let mut url = call.url(&[])?;
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let options = CallOptions { headers, time_limit: self.timeout, ..CallOptions::default() };
        let read = |body: &[u8]| Ok(ApiReply(Bytes::copy_from_slice(body)));
        Ok(call.make_as(&self.method, url, &options, body, read).await?)
    }

    fn with(mut self, change: impl FnOnce(&mut Parts) -> Result<(), Error>) -> Self {
        if let Ok(parts) = &mut self.parts
            && let Err(error) = change(parts)
        {
            self.parts = Err(error);
        }
        self
    }
}

impl ApiReply {
    /// Returns the body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Parses the body as JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is not JSON, or does not have this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.0).map_err(|_| Error::new(ErrorKind::Decode))
    }
}

impl std::fmt::Debug for ApiReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiReply({} bytes)", self.0.len())
    }
}

// Without the path: it can contain ids.
crate::__debug_only!(ApiRequest<'_> { method });

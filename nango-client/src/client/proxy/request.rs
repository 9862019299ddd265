//! Requests to providers, and the paths that they may have.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, Method};
use serde::Serialize;
use url::{Url, form_urlencoded};

use super::form::Multipart;
use super::path::below_proxy;
use super::refusal::own_refusal;
use super::reply::ProxyReply;
use super::stream::ProxyStream;
use crate::client::client::Client;
use crate::client::headers::{connection_headers, header_value};
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::transport::{Endpoint, Failure};

/// Nango forwards headers with this prefix, without it, and no others.
const PREFIX: &str = "nango-proxy-";

/// The largest body that Nango takes, in bytes.
const LARGEST_BODY: usize = 75_000_000;

/// The method is that of the proxied call.
static PROXY: Endpoint = Endpoint::new(Method::GET, "/proxy/{path}", "call the provider through the proxy");

/// The largest reply that is read by default, in bytes.
const RESPONSE_LIMIT: usize = 32 * 1024 * 1024;

/// A request to a provider that is about to be sent. [`ProxyClient`](super::ProxyClient) creates
/// it.
#[must_use = "nothing is sent before `send`"]
#[derive(Clone)]
pub struct ProxyRequest {
    pub(super) client: Client,
    key: ConnectionKey,
    call: Result<Call, Error>,
}

#[derive(Clone)]
pub(super) struct Call {
    method: Method,
    path: String,
    query: String,
    pub(super) headers: HeaderMap,
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

    /// Sets all parameters as they are, such as those of a link to a next page. A part that a user can choose
    /// belongs in [`query`](Self::query), which encodes it.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, http::HeaderMap};
    /// # async fn run(client: Client, key: ConnectionKey, headers: HeaderMap) -> Result<(), Error> {
    /// let page = client.proxy(&key).get("/items").raw_query("cursor=abc%3D&limit=20").headers(&headers).send().await?;
    /// # let _ = page;
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw_query(self, query: &str) -> Self {
        self.with(|call, _| {
            if query.contains(|c: char| c == '#' || c.is_control()) {
                return Err(Error::invalid_request("the query contains `#` or a control character"));
            }
            query.strip_prefix('?').unwrap_or(query).clone_into(&mut call.query);
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

    /// Adds headers for the provider, as they are.
    pub fn headers(self, headers: &HeaderMap) -> Self {
        self.with(|call, _| {
            for (name, value) in headers {
                let name = HeaderName::try_from(format!("{PREFIX}{name}"));
                let name = name.map_err(|_| Error::invalid_request("a header has an invalid name"))?;
                call.headers.append(name, value.clone());
            }
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
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Multipart, bytes::Bytes};
    /// # async fn run(client: Client, key: ConnectionKey, photo: Bytes) -> Result<(), Error> {
    /// let drive = client.proxy(&key);
    /// let text = drive.post("/notes").body("text/csv", "id,name\n1,Alice\n").send().await?;
    /// let form = drive.post("/search").form([("query", "crash"), ("page", "2")]).send().await?;
    /// let file = Multipart::new().text("title", "A photo").file("photo", "photo.png", "image/png", photo);
    /// let stored = drive.post("/photos").multipart(file).response_limit(64 * 1024).send().await?;
    /// # let _ = (text, form, stored);
    /// # Ok(())
    /// # }
    /// ```
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.with(|call, _| {
            call.headers.insert(CONTENT_TYPE, header_value(content_type)?);
            call.body = body.into();
            Ok(())
        })
    }

    /// Sets a form as the body. Nango turns it into JSON (observed on 0.71.4).
    pub fn form<N: AsRef<str>, V: AsRef<str>>(self, fields: impl IntoIterator<Item = (N, V)>) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", form)
    }

    /// Sets a form with files as the body. Nango reads it whole and writes it anew (read in its source).
    pub fn multipart(self, form: Multipart) -> Self {
        self.with(|call, _| {
            let (content_type, body) = form.finish()?;
            call.headers.insert(CONTENT_TYPE, header_value(&content_type)?);
            call.body = body;
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
        let (url, parts) = self.parts(call)?;
        let Call { method, headers, body, timeout, response_limit, .. } = parts;
        let named = method.clone();
        let reply = async {
            let reply = transport.send_raw(method, url, headers, body, timeout, response_limit).await?;
            own_refusal(&reply).map_or(Ok(ProxyReply(reply)), |error| Err(Failure::from(error)))
        };
        Ok(call.traced(&named, Box::pin(reply)).await?)
    }

    /// Sends the request, and returns the reply once its head has arrived: for large replies.
    ///
    /// The [time-out](Self::timeout) is that of the head. The body has none but
    /// [`HttpOptions::read_timeout`](crate::HttpOptions::read_timeout), and no limit.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error};
    /// use futures_util::StreamExt as _;
    ///
    /// # async fn run(client: Client, drive: ConnectionKey) -> Result<(), Error> {
    /// let reply = client.proxy(&drive).get("/files/1").query("alt", "media").send_streamed().await?;
    /// let mut file = reply.error_for_status()?;
    /// while let Some(part) = file.next().await {
    ///     println!("{} bytes", part?.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), but for [`TooLarge`](crate::ErrorKind::TooLarge).
    pub async fn send_streamed(self) -> Result<ProxyStream, Error> {
        let transport = &self.client.transport;
        let call = transport.call(&PROXY);
        let (url, parts) = self.parts(call)?;
        let Call { method, headers, body, timeout, .. } = parts;
        let named = method.clone();
        let reply = async {
            let reply = transport.send_streamed(method, url, headers, body, timeout).await?;
            // The refusal is short, and to be told apart from the provider's reply.
            let reply = ProxyStream::new(reply, transport.total_timeout()).await?;
            reply.own_refusal().map_or(Ok(()), |error| Err(Failure::from(error))).map(|()| reply)
        };
        Ok(call.traced(&named, Box::pin(reply)).await?)
    }

    /// Sends the request with a body that comes in parts: the function is polled for them, and
    /// `Ready(None)` ends it. Nango holds a body in memory, and takes at most 75 MB (read in its source); so
    /// does this.
    ///
    /// With a stream of `futures`: `.send_parts("image/png", move |context| stream.poll_next_unpin(context))`.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, bytes::Bytes};
    /// use futures_util::{StreamExt as _, stream};
    ///
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let mut parts = stream::iter([Ok::<_, std::io::Error>(Bytes::from("first")), Ok(Bytes::from("second"))]);
    /// let request = client.proxy(&key).post("/upload");
    /// let reply = request.send_parts("text/plain", move |context| parts.poll_next_unpin(context)).await?;
    /// # let _ = reply;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the body is
    /// larger, or its source fails: nothing is sent then.
    pub async fn send_parts<E: Into<Box<dyn StdError + Send + Sync>>>(
        self,
        content_type: &str,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> Result<ProxyReply, Error> {
        let mut body = Vec::new();
        while let Some(part) = poll_fn(&mut poll).await {
            let failed = match part {
                Ok(part) if body.len() + part.len() <= LARGEST_BODY => {
                    body.extend_from_slice(&part);
                    continue;
                }
                Ok(_) => Error::invalid_request("the body is larger than the 75 MB that Nango takes"),
                Err(error) => {
                    Error::invalid_request("the source of the body failed").with_raw(Arc::from(error.into()))
                }
            };
            return Err(self.client.transport.call(&PROXY).named(failed));
        }
        self.body(content_type, body).send().await
    }

    /// Returns the address, and the rest of the call.
    fn parts(&self, call: crate::transport::Call<'_>) -> Result<(Url, Call), Error> {
        let parts = self.call.clone().map_err(|error| call.named(error))?;
        let mut url = call.url(&["proxy"])?;
        url.set_path(&below_proxy(url.path(), &parts.path).map_err(|error| call.named(error))?);
        url.set_query(Some(parts.query.as_str()).filter(|query| !query.is_empty()));
        Ok((url, parts))
    }

    /// Applies a change. The first that fails is the error of `send`.
    pub(super) fn with(
        mut self,
        change: impl FnOnce(&mut Call, &ConnectionKey) -> Result<(), Error>,
    ) -> Self {
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

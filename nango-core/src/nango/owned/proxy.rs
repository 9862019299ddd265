//! Calls to the provider, as the owner of a connection.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OwnedConnection;
use crate::client::ProxyCall;
use crate::error::{Error, ErrorKind};

/// Nango forwards headers of this prefix, without it, and no others.
const PREFIX: &str = "nango-proxy-";

/// The way to a provider's API, with the credentials of one connection, which stay at Nango.
#[derive(Debug, Clone)]
pub struct Proxy(OwnedConnection);

/// A call to a provider that is about to be made.
#[must_use = "a call is made by `.send()`"]
#[derive(Clone)]
pub struct ProxyRequest {
    connection: OwnedConnection,
    call: Result<ProxyCall, ErrorKind>,
}

/// What the provider answered, an error perhaps.
#[derive(Clone)]
pub struct ProxyReply(Response<Bytes>);

impl OwnedConnection {
    /// Calls the provider's API with the connection's credentials, which Nango adds, and refreshes when they are due.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    /// if reply.status().is_success() {
    ///     let channels: serde_json::Value = reply.json()?;
    ///     println!("{}", channels["channels"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn proxy(&self) -> Proxy {
        Proxy(self.clone())
    }
}

impl Proxy {
    /// `GET`. The path is the provider's, below its API's base address: `/conversations.list`.
    pub fn get(&self, path: &str) -> ProxyRequest {
        self.request(Method::GET, path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> ProxyRequest {
        self.request(Method::POST, path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> ProxyRequest {
        self.request(Method::PUT, path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> ProxyRequest {
        self.request(Method::PATCH, path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> ProxyRequest {
        self.request(Method::DELETE, path)
    }

    /// Any method. The path is taken as it is, percent-encoded where it has to be; what a user can choose belongs into the
    /// query. `?`, `#` and dot segments are refused.
    pub fn request(&self, method: Method, path: &str) -> ProxyRequest {
        let call = ProxyCall {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            retries: None,
            patience: None,
        };
        ProxyRequest { connection: self.0.clone(), call: Ok(call) }
    }
}

impl ProxyRequest {
    /// One more parameter.
    #[expect(clippy::needless_pass_by_value, reason = "`20` reads better than `&20`")]
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.with(|call| {
            let mut query = form_urlencoded::Serializer::new(std::mem::take(&mut call.query));
            call.query = query.append_pair(name, &value.to_string()).finish();
            Ok(())
        })
    }

    /// One more header for the provider.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|call| {
            let name = HeaderName::try_from(format!("{PREFIX}{name}")).map_err(|_| ErrorKind::InvalidCall)?;
            let value = HeaderValue::from_str(value).map_err(|_| ErrorKind::InvalidCall)?;
            call.headers.append(name, value);
            Ok(())
        })
    }

    /// A body of JSON: the only kind that Nango passes on as it is.
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body);
        self.with(|call| {
            call.body = Bytes::from(body.map_err(|_| ErrorKind::InvalidCall)?);
            call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(())
        })
    }

    /// A body of another kind. Nango makes JSON of a form, and a form of text.
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.with(|call| {
            let kind = HeaderValue::from_str(content_type).map_err(|_| ErrorKind::InvalidCall)?;
            call.headers.insert(CONTENT_TYPE, kind);
            call.body = body.into();
            Ok(())
        })
    }

    /// How often Nango tries again when the provider answers with a 5xx or a 429: after 3 s, 6 s and so on, so allow for
    /// it with [`timeout`](Self::timeout). Not at all by default: not every call may be made twice.
    pub fn retries(self, times: u32) -> Self {
        self.with(|call| {
            call.retries = Some(times);
            Ok(())
        })
    }

    /// How long the whole call may take; 20 s by default.
    pub fn timeout(self, span: Duration) -> Self {
        self.with(|call| {
            call.patience = Some(span);
            Ok(())
        })
    }

    /// Makes the call. A provider's refusal is a reply: its status and body are the provider's.
    ///
    /// # Errors
    ///
    /// When Nango did not make the call: [`ErrorKind::NotFound`] when it has the connection no more,
    /// [`ErrorKind::InvalidCredentials`] when it could not refresh them, [`ErrorKind::InvalidCall`] when the call cannot be
    /// sent as it is, [`ErrorKind::Refused`] when Nango has no proxy for the provider, and what any call can fail with.
    pub async fn send(self) -> Result<ProxyReply, Error> {
        let call = self.call.map_err(Error::new)?;
        let client = &self.connection.nango.0.client;
        client.proxy(self.connection.key(), call).await.map(ProxyReply)
    }

    /// The first thing that cannot be sent is what `send` says.
    fn with(mut self, change: impl FnOnce(&mut ProxyCall) -> Result<(), ErrorKind>) -> Self {
        if let Ok(call) = &mut self.call
            && let Err(kind) = change(call)
        {
            self.call = Err(kind);
        }
        self
    }
}

impl ProxyReply {
    /// The status, the provider's own.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers: most of the provider's, and some of Nango's.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.0.body()
    }

    /// The body, read as JSON, whatever the status.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unreadable`] when it is not JSON, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // The parser's message can quote the body, so it is left behind.
        serde_json::from_slice(self.bytes()).map_err(|_| Error::new(ErrorKind::Unreadable))
    }
}

impl fmt::Debug for ProxyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.call.as_ref().map(|call| &call.method);
        f.debug_struct("ProxyRequest")
            .field("integration", &self.connection.integration())
            .field("method", &method)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ProxyReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyReply").field("status", &self.status()).finish_non_exhaustive()
    }
}

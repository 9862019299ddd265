//! The boundary to an HTTP client, which an app can replace.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::Body as _;
use url::Url;

use crate::error::{Cause, Error, ErrorKind, Findings};

/// An HTTP client of the app's own, for [`HttpOptions::transport`](crate::HttpOptions::transport).
///
/// Everything else stays with this crate: it makes the requests, with their key, and enforces the
/// time-out of a call and the largest response; it decides what is repeated, and follows the rate
/// limit.
///
/// An implementation sends the request as it is, to the address in it, and returns the response as
/// it is: it follows no redirect, since the request has the API key; it repeats no request unless
/// it is certain that the server did not receive it; it does not decompress, unless it has asked for
/// compression. It does not log headers, nor paths and queries, which contain ids of connections.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use nango_client::{Client, HttpOptions, ResponseBody, Transport, TransportError};
///
/// /// Answers every request itself.
/// struct Canned;
///
/// impl Transport for Canned {
///     async fn send(&self, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
///         assert_eq!(request.uri(), "https://nango.example/integrations");
///         Ok(Response::new(ResponseBody::from(r#"{"data":[]}"#)))
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let http = HttpOptions::new().transport(Canned);
/// let client = Client::builder("https://nango.example", "key").http(http).build()?;
/// assert_eq!(client.integrations().await?, []);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP client for Nango",
    label = "it does not implement `Transport`",
    note = "implement `nango_client::Transport` for it; its documentation has an example"
)]
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and returns the response once its head has arrived.
    ///
    /// The future is dropped when the call's time-out is over.
    ///
    /// # Errors
    ///
    /// [`TransportError::unsent`] when the server has certainly not received the request, and
    /// [`TransportError::new`] otherwise.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, TransportError>> + Send;
}

pub(super) type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<Response<ResponseBody>, TransportError>> + Send + 'a>>;

/// A request that may be sent more than once.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
}

impl Outgoing<'_> {
    fn to_request(self) -> Result<Request<Bytes>, TransportError> {
        let address = Uri::try_from(self.url.as_str())
            .map_err(|error| TransportError { is_invalid: true, ..TransportError::unsent(error) })?;
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = address;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

/// An HTTP client of any type. That of this crate takes a request as it stands: on the way through
/// [`Request`] its address would be written and parsed again.
pub(super) trait AnyTransport: Send + Sync {
    fn send_any<'a>(&'a self, request: Outgoing<'a>) -> Sending<'a>;
}

impl<T: Transport> AnyTransport for T {
    fn send_any<'a>(&'a self, request: Outgoing<'a>) -> Sending<'a> {
        Box::pin(async move { self.send(request.to_request()?).await })
    }
}

type Poller = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> + Send>;

/// The body of a response. What is not read is dropped, which should close the connection or free it.
pub struct ResponseBody(Inner);

enum Inner {
    Parts(Poller),
    Reqwest(reqwest::Body),
    Whole(Bytes),
}

impl ResponseBody {
    /// Creates a body from a function that is polled for its parts: `Ready(None)` ends it.
    ///
    /// With a stream of `futures`: `ResponseBody::new(move |context| stream.poll_next_unpin(context))`.
    #[must_use]
    pub fn new(
        poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> + Send + 'static,
    ) -> Self {
        Self(Inner::Parts(Box::new(poll)))
    }

    /// Takes over the body of a response.
    pub(super) fn of(response: reqwest::Response) -> Self {
        Self(Inner::Reqwest(response.into()))
    }

    /// Returns the next part; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        poll_fn(|context| self.poll_next(context)).await.transpose()
    }

    /// Polls for the next part.
    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        match &mut self.0 {
            Inner::Parts(poll) => poll(context),
            Inner::Reqwest(body) => loop {
                match ready!(Pin::new(&mut *body).poll_frame(context)) {
                    // Trailers say nothing here.
                    Some(Ok(frame)) => {
                        if let Ok(part) = frame.into_data() {
                            return Poll::Ready(Some(Ok(part)));
                        }
                    }
                    Some(Err(error)) => return Poll::Ready(Some(Err(TransportError::of_reqwest(error)))),
                    None => return Poll::Ready(None),
                }
            },
            Inner::Whole(bytes) => {
                Poll::Ready(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()).map(Ok))
            }
        }
    }
}

impl From<Bytes> for ResponseBody {
    fn from(body: Bytes) -> Self {
        Self(Inner::Whole(body))
    }
}

impl From<Vec<u8>> for ResponseBody {
    fn from(body: Vec<u8>) -> Self {
        Bytes::from(body).into()
    }
}

impl From<&'static str> for ResponseBody {
    fn from(body: &'static str) -> Self {
        Bytes::from_static(body.as_bytes()).into()
    }
}

crate::__debug_only!(ResponseBody {});

/// A request without a response, or a response that breaks off.
///
/// The source's text is not shown: a call's [`Error`](crate::Error) has the [`Cause`], as far as
/// errors of `std::io`, hyper and rustls in the chain of sources reveal it, and the source as
/// [`raw_source`](crate::Error::raw_source).
#[derive(Clone)]
pub struct TransportError {
    is_invalid: bool,
    findings: Findings,
    raw: Arc<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// Takes an error after which the server may have received the request, or a part of it.
    ///
    /// A POST is not repeated then. Other calls are, where the error says that the connection was
    /// closed.
    pub fn new(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let raw: Arc<dyn StdError + Send + Sync> = Arc::from(source.into());
        Self { is_invalid: false, findings: Findings::of(&*raw), raw }
    }

    /// Takes an error of a request of which the server has certainly received nothing, such as one
    /// to connect. The request may be repeated, a POST, too.
    pub fn unsent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(source);
        error.findings.is_unsent = true;
        error
    }

    /// Returns `true` if no part of the request can have reached the server.
    pub(super) fn is_unsent(&self) -> bool {
        self.findings.is_unsent
    }

    /// Returns `true` if a connection was closed under the request, so that another one may work at
    /// once: neither a refusal nor a time-out.
    pub(super) fn is_broken_connection(&self) -> bool {
        self.findings.is_broken_connection
    }
}

impl TransportError {
    /// Takes reqwest's error. It is kept without its URL, which contains connection ids.
    pub(super) fn of_reqwest(error: reqwest::Error) -> Self {
        let (is_timeout, is_connect, is_invalid) =
            (error.is_timeout(), error.is_connect(), error.is_builder());
        let mut error = Self { is_invalid, ..Self::new(error.without_url()) };
        error.findings.is_unsent |= is_connect;
        if is_timeout {
            error.findings.cause = Some(Cause::TimedOut);
            error.findings.is_broken_connection = false;
        }
        error
    }
}

impl From<TransportError> for Error {
    fn from(TransportError { is_invalid, findings, raw }: TransportError) -> Self {
        let error = if is_invalid {
            Self::invalid_request("the path has a character that no address can have")
        } else {
            Self::new(ErrorKind::Unavailable)
        };
        error.with_cause(findings.cause).with_raw(raw).with_unsent(findings.is_unsent)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.findings.cause {
            Some(cause) => fmt::Display::fmt(cause, f),
            None => f.write_str("the HTTP client failed"),
        }
    }
}

impl StdError for TransportError {}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Findings { cause, is_unsent, .. } = &self.findings;
        f.debug_struct("TransportError")
            .field("cause", cause)
            .field("is_unsent", is_unsent)
            .finish_non_exhaustive()
    }
}

//! One call to one of Nango's endpoints: its errors say what was attempted, and it has a span.

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;

use super::body;
use super::call_options::CallOptions;
use super::envelope::Failure;
use super::sender::Sender;
use crate::error::{Error, ErrorKind};

/// One of Nango's endpoints, as errors and spans name it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    method: Method,
    /// The path with placeholders, such as `/connections/{connectionId}`.
    path: &'static str,
    /// The text after `could not`.
    what: &'static str,
    /// The thing that is missing where Nango does not find it.
    missing: &'static str,
}

impl Endpoint {
    pub(crate) const fn new(method: Method, path: &'static str, what: &'static str) -> Self {
        Self { method, path, what, missing: "the connection" }
    }

    /// Names the thing that is missing where Nango does not find it, if it is not a connection.
    pub(crate) const fn of(mut self, missing: &'static str) -> Self {
        self.missing = missing;
        self
    }
}

/// A call that is about to be made.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(super) transport: &'a Sender,
    endpoint: &'static Endpoint,
}

impl Sender {
    pub(crate) fn call(&self, endpoint: &'static Endpoint) -> Call<'_> {
        Call { transport: self, endpoint }
    }
}

// What only passes its arguments on is no `async fn`: the future of one keeps them beside the future that it awaits.
impl<'a> Call<'a> {
    /// Returns the address of a resource.
    pub(crate) fn url(self, segments: &[&str]) -> Result<Url, Error> {
        self.transport.url(segments).map_err(|error| self.named(error))
    }

    /// Creates an error of this call.
    pub(crate) fn error(self, kind: ErrorKind) -> Error {
        self.named(Error::new(kind))
    }

    /// Adds to an error what was attempted, and where.
    pub(crate) fn named(self, error: Error) -> Error {
        let sender = self.transport;
        let Endpoint { what, missing, .. } = self.endpoint;
        error.attempting(what, missing, sender.authority(), sender.is_proxied())
    }

    /// Makes the call without a body and parses the response.
    pub(crate) fn send<T: DeserializeOwned>(
        self,
        url: Url,
    ) -> impl Future<Output = Result<T, Failure>> + use<'a, T> {
        self.make(url, CallOptions::none(), Bytes::new(), body::parse)
    }

    /// Like [`send`](Self::send), for a response of which some parts are skipped or may be
    /// unreadable.
    pub(crate) fn send_and_read<T, R>(
        self,
        url: Url,
        read: R,
    ) -> impl Future<Output = Result<T, Failure>> + use<'a, T, R>
    where
        R: Fn(&[u8]) -> Result<T, Error>,
    {
        self.make(url, CallOptions::none(), Bytes::new(), read)
    }

    /// Like [`send_and_read`](Self::send_and_read), with options.
    pub(crate) fn send_with<T>(
        self,
        url: Url,
        options: &CallOptions,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Failure>> {
        self.make(url, options, Bytes::new(), read)
    }

    /// Makes the call with a body of JSON and parses the response.
    pub(crate) async fn submit<T: DeserializeOwned>(
        self,
        url: Url,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = body::write(body).map_err(|error| self.named(error))?;
        self.make(url, CallOptions::none(), body, body::parse).await
    }

    /// Like [`submit`](Self::submit), with options.
    pub(crate) async fn submit_with<T: DeserializeOwned>(
        self,
        url: Url,
        options: &CallOptions,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = body::write(body).map_err(|error| self.named(error))?;
        self.make(url, options, body, body::parse).await
    }

    /// Like [`submit`](Self::submit), for a response that is read in another way.
    pub(crate) async fn submit_and_read<T>(
        self,
        url: Url,
        body: &impl Serialize,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let body = body::write(body).map_err(|error| self.named(error))?;
        self.make(url, CallOptions::none(), body, read).await
    }

    fn make<'o, T, R>(
        self,
        url: Url,
        options: &'o CallOptions,
        body: Bytes,
        read: R,
    ) -> impl Future<Output = Result<T, Failure>> + use<'a, 'o, T, R>
    where
        R: Fn(&[u8]) -> Result<T, Error>,
    {
        self.make_as(&self.endpoint.method, url, options, body, read)
    }

    /// Makes the call with another method than the endpoint's.
    pub(crate) fn make_as<'m, 'o, T, R>(
        self,
        method: &'m Method,
        url: Url,
        options: &'o CallOptions,
        body: Bytes,
        read: R,
    ) -> impl Future<Output = Result<T, Failure>> + use<'a, 'm, 'o, T, R>
    where
        R: Fn(&[u8]) -> Result<T, Error>,
    {
        // Boxed: the compiler measures a future with all futures in it, to a depth that an app has to share. And one
        // that is an argument takes its room twice.
        self.traced(method, Box::pin(self.transport.send(method.clone(), url, options, body, read)))
    }

    /// Runs a request in a span with the field names of OpenTelemetry's HTTP client spans, and measures
    /// it. No field contains an id or a query.
    pub(crate) async fn traced<T>(
        self,
        method: &Method,
        request: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let path = self.endpoint.path;
        let (address, port) = self.transport.address();
        let span = tracing::debug_span!(
            "nango.call",
            otel.name = format_args!("{method} {path}"),
            otel.kind = "client",
            http.request.method = method.as_str(),
            http.response.status_code = Empty,
            url.template = path,
            server.address = address,
            server.port = port,
            error.type = Empty,
        );
        #[cfg(feature = "metrics")]
        let began = std::time::Instant::now();
        let outcome = request.instrument(span.clone()).await;
        #[cfg(feature = "metrics")]
        measure(began, method, path, outcome.as_ref().err().map(|failure| failure.error.kind()));
        outcome.map_err(|Failure { error, details }| {
            span.record("error.type", tracing::field::debug(error.kind()));
            Failure { error: self.named(error), details }
        })
    }
}

/// Records the duration of a call under OpenTelemetry's name.
#[cfg(feature = "metrics")]
fn measure(began: std::time::Instant, method: &Method, path: &'static str, failure: Option<ErrorKind>) {
    let labels = [
        ("http.request.method", method.to_string()),
        ("url.template", path.to_owned()),
        ("error.type", failure.map(|kind| format!("{kind:?}")).unwrap_or_default()),
    ];
    metrics::histogram!("http.client.request.duration", &labels).record(began.elapsed());
}

//! Admitted requests, and the answers to them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, Uri};
use nango_client::Signature;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::body::{OWNER_LIMIT, Pace, read_body};
use super::reply::{Problem, Rejection, private};
use super::{Route, owner, public};
use crate::attempts::CookieFault;
use crate::nango::{Nango, Settings};
use crate::owner::{IntoOwner, OwnerIdentity};

/// A request that [`admit`](super::admit) has admitted.
#[expect(clippy::exhaustive_enums, reason = "an adapter has to handle every audience")]
#[derive(Debug)]
#[must_use = "an admitted request gets no reply until it is answered"]
pub enum Admitted {
    /// A request of an owner's browser, to a route of [`Audience::Owner`](super::Audience::Owner).
    Owner(OwnerRequest),
    /// A request of Nango or of a browser on its way back from a provider, to a route of
    /// [`Audience::Public`](super::Audience::Public).
    Public(PublicRequest),
}

/// An admitted request that needs an owner before it is answered.
#[must_use = "an admitted request gets no reply until it is answered"]
pub struct OwnerRequest {
    pub(super) nango: Nango,
    pub(super) route: Route,
    pub(super) action: OwnerAction,
    pub(super) head: Parts,
}

/// The action of an owner's request, with everything that the head says about it.
pub(super) enum OwnerAction {
    Attempt { text: String, wait: Duration },
    Check { handle: String },
    Connect,
    Disconnect { handle: String },
    List { sync: bool },
    Reconnect,
}

impl OwnerRequest {
    /// Lends the head to the app's extractor, which may change or replace it.
    ///
    /// The reply depends on the head as it was admitted.
    pub fn head(&mut self) -> &mut Parts {
        &mut self.head
    }

    /// Reads the body and answers the request of this owner.
    ///
    /// `body` polls the next chunk, like the method of a stream. It is polled up to the route's
    /// limit, for at most 15 seconds, and after five only while at least 1 KiB arrives each second.
    /// The reply is 413 to a body above the limit, 408 to a slower one and 400 to one that ends in
    /// an error.
    ///
    /// The head, with its extensions, is dropped before the body is read.
    ///
    /// Has to be awaited within a Tokio runtime.
    pub fn answer<E>(
        self,
        entity: impl IntoOwner,
        body: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> impl Future<Output = Response<Bytes>> {
        // The head is not needed any more. An `async fn` would hold it, and all else that it is given, a second time.
        let Self { nango, route, action, head: _ } = self;
        let owner = entity.into_owner();
        let (span, trace) = Trace::begin(route);
        let answer = async move {
            let reply = match read_body(body, OWNER_LIMIT, Pace::DEFAULT, None).await {
                Ok(body) => action.perform(&nango, &owner, body).await,
                Err(problem) => Err(problem.into()),
            };
            trace.end(private(reply.unwrap_or_else(|rejection| rejection.into_response(&nango))))
        };
        answer.instrument(span)
    }

    /// Answers a request to an app without owner routes: 404 with the code `not_found`.
    ///
    /// For adapters that mount only the routes of [`Audience::Public`](super::Audience::Public).
    #[must_use]
    pub fn not_mounted(self) -> Response<Bytes> {
        private(Problem::NoRoute.into_response())
    }
}

/// A future whose type says nothing of what is in it.
///
/// The compiler measures a future with all futures in it, to a depth that is the app's: an adapter's
/// handler is part of the app's own, and must leave it room.
type Opaque<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl OwnerAction {
    fn perform<'a>(
        self,
        nango: &'a Nango,
        caller: &'a OwnerIdentity,
        body: Bytes,
    ) -> Opaque<'a, Result<Response<Bytes>, Rejection>> {
        // A box for each, since those who wait for an attempt are many, and would each take the memory of the
        // largest.
        match self {
            Self::Attempt { text, wait } => {
                Box::pin(async move { owner::attempt(nango, caller, &text, wait).await })
            }
            Self::Check { handle } => Box::pin(async move { owner::check(nango, caller, &handle).await }),
            Self::Connect => Box::pin(async move { owner::connect(nango, caller, &body).await }),
            Self::Disconnect { handle } => {
                Box::pin(async move { owner::disconnect(nango, caller, &handle).await })
            }
            Self::List { sync } => Box::pin(async move { owner::list(nango, caller, sync).await }),
            Self::Reconnect => Box::pin(async move { owner::reconnect(nango, caller, &body).await }),
        }
    }
}

fn receive(nango: &Nango, signature: Signature, body: Bytes) -> Opaque<'_, Response<Bytes>> {
    Box::pin(async move { public::receive(nango, &signature, body).await })
}

/// An admitted request that needs no owner: a webhook, or the redirect to the OAuth callback.
#[must_use = "an admitted request gets no reply until it is answered"]
pub struct PublicRequest {
    pub(super) nango: Nango,
    pub(super) route: Route,
    pub(super) action: PublicAction,
}

/// The action of a public request, with everything that the head says about it.
pub(super) enum PublicAction {
    Receive(Signature),
    /// With the reason for which the callback's guard does not pass it on.
    Redirect {
        uri: Uri,
        fault: Option<CookieFault>,
    },
}

impl PublicRequest {
    /// Reads the body and answers the request.
    ///
    /// `body` is read as by [`OwnerRequest::answer`], up to the limit of the builder's
    /// `webhook_limit`. All bodies that are being read, and so not verified yet, share 32 MiB of
    /// memory: beyond it the one that has taken the most for the longest gets 408. The callback's body is not read.
    ///
    /// Has to be awaited within a Tokio runtime.
    pub fn answer<E>(
        self,
        body: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> impl Future<Output = Response<Bytes>> {
        let Self { nango, route, action } = self;
        let (span, trace) = Trace::begin(route);
        let answer = async move {
            trace.end(match action {
                PublicAction::Receive(signature) => {
                    let Settings { webhook_limit, unverified, .. } = nango.settings();
                    match read_body(body, *webhook_limit, Pace::DEFAULT, Some(unverified)).await {
                        Ok(body) => receive(&nango, signature, body).await,
                        Err(problem) => problem.into_response(),
                    }
                }
                // rule: guarded-callback
                PublicAction::Redirect { fault: Some(reason), .. } => public::refuse_callback(&nango, reason),
                PublicAction::Redirect { uri, fault: None } => public::redirect(&nango, &uri),
            })
        };
        answer.instrument(span)
    }
}

/// A span with the field names of OpenTelemetry's HTTP server spans, and the measure of what happens in it. No
/// field contains a handle or a query.
struct Trace {
    span: Span,
    #[cfg(feature = "metrics")]
    route: Route,
    #[cfg(feature = "metrics")]
    began: std::time::Instant,
}

impl Trace {
    /// Returns the span, too, for the future that is the answer. A function that takes the future would hold it twice.
    fn begin(route: Route) -> (Span, Self) {
        let (method, path) = (route.method(), route.path());
        let span = tracing::debug_span!(
            "nango.route",
            otel.name = format_args!("{method} {path}"),
            otel.kind = "server",
            http.request.method = method.as_str(),
            http.route = path,
            http.response.status_code = Empty,
        );
        let trace = Self {
            span: span.clone(),
            #[cfg(feature = "metrics")]
            route,
            #[cfg(feature = "metrics")]
            began: std::time::Instant::now(),
        };
        (span, trace)
    }

    fn end(self, reply: Response<Bytes>) -> Response<Bytes> {
        self.span.record("http.response.status_code", reply.status().as_u16());
        #[cfg(feature = "metrics")]
        metrics::histogram!(
            "http.server.request.duration",
            &[
                ("http.request.method", self.route.method().to_string()),
                ("http.route", self.route.path().to_owned()),
                ("http.response.status_code", reply.status().as_u16().to_string()),
            ]
        )
        .record(self.began.elapsed());
        reply
    }
}

// Heads carry cookies and codes; actions carry handles.

nango_client::__debug_only!(OwnerRequest {});

nango_client::__debug_only!(PublicRequest {});

//! Admitted requests, their bodies, and the answers to them.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Response, Uri};
use nango_client::Signature;
use tokio::time::timeout;

use super::reply::{Problem, private};
use super::{owner, public};
use crate::nango::Nango;
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
    pub(super) action: OwnerAction,
    pub(super) head: Parts,
}

/// The action of an owner's request, with everything that the head says about it.
pub(super) enum OwnerAction {
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
    /// limit and for as long as chunks arrive. The reply is 413 to a body above the limit, 408 to
    /// one without a chunk for ten seconds and 400 to one that ends in an error.
    ///
    /// Has to be awaited within a Tokio runtime.
    pub async fn answer<E>(
        self,
        entity: impl IntoOwner,
        body: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> Response<Bytes> {
        let reply = self.reply(&entity.into_owner(), body).await;
        private(reply.unwrap_or_else(Problem::into_response))
    }

    /// Answers a request to an app without owner routes: 404 with the code `not_found`.
    ///
    /// For adapters that mount only the routes of [`Audience::Public`](super::Audience::Public).
    #[must_use]
    pub fn not_mounted(self) -> Response<Bytes> {
        private(Problem::NoRoute.into_response())
    }

    async fn reply<E>(
        self,
        caller: &OwnerIdentity,
        body: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> Result<Response<Bytes>, Problem> {
        let nango = &self.nango;
        let body = read_body(body, OWNER_LIMIT).await?;
        match self.action {
            OwnerAction::Check { handle } => owner::check(nango, caller, &handle).await,
            OwnerAction::Connect => owner::connect(nango, caller, &body).await,
            OwnerAction::Disconnect { handle } => owner::disconnect(nango, caller, &handle).await,
            OwnerAction::List { sync } => owner::list(nango, caller, sync).await,
            OwnerAction::Reconnect => owner::reconnect(nango, caller, &body).await,
        }
    }
}

/// An admitted request without an owner: the webhook's or the OAuth callback's.
#[must_use = "an admitted request gets no reply until it is answered"]
pub struct PublicRequest {
    pub(super) nango: Nango,
    pub(super) action: PublicAction,
}

/// The action of a public request, with everything that the head says about it.
pub(super) enum PublicAction {
    Receive(Signature),
    Redirect(Uri),
}

impl PublicRequest {
    /// Reads the body and answers the request.
    ///
    /// `body` is read as by [`OwnerRequest::answer`], up to the limit of the builder's
    /// `webhook_limit`. The callback's body is not read.
    ///
    /// Has to be awaited within a Tokio runtime.
    pub async fn answer<E>(
        self,
        body: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    ) -> Response<Bytes> {
        let nango = &self.nango;
        match self.action {
            PublicAction::Receive(signature) => match read_body(body, nango.settings().webhook_limit).await {
                Ok(body) => public::receive(nango, &signature, body).await,
                Err(problem) => problem.into_response(),
            },
            PublicAction::Redirect(uri) => public::redirect(nango, &uri),
        }
    }
}

// Heads carry cookies and codes; actions carry handles.

nango_client::__debug_only!(OwnerRequest {});

nango_client::__debug_only!(PublicRequest {});

/// The largest body of an owner's request, in bytes. The largest useful one is a list of
/// integrations.
pub(super) const OWNER_LIMIT: usize = 64 * 1024;

/// The longest time between two chunks.
const STALL: Duration = Duration::from_secs(10);

/// Reads a body up to a limit, for as long as chunks arrive.
pub(super) async fn read_body<E>(
    mut poll_chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>,
    limit: usize,
) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    loop {
        match timeout(STALL, poll_fn(&mut poll_chunk)).await.map_err(|_| Problem::Stalled)? {
            None => return Ok(body.freeze()),
            Some(Err(_)) => return Err(Problem::InvalidBody("the body broke off")),
            Some(Ok(chunk)) if body.len() + chunk.len() > limit => return Err(Problem::TooLarge),
            Some(Ok(chunk)) => body.extend_from_slice(&chunk),
        }
    }
}

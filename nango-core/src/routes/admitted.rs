//! Admitted requests, and the answers to them.

use std::fmt;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{Response, Uri};
use nango_client::Signature;

use super::reply::{Problem, private};
use super::{body, callback, connections, sessions, webhook};
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
        let body = body::read(body, body::OWNER_LIMIT).await?;
        match self.action {
            OwnerAction::Check { handle } => connections::check(nango, caller, &handle).await,
            OwnerAction::Connect => sessions::connect(nango, caller, &body).await,
            OwnerAction::Disconnect { handle } => connections::disconnect(nango, caller, &handle).await,
            OwnerAction::List { sync } => connections::list(nango, caller, sync).await,
            OwnerAction::Reconnect => sessions::reconnect(nango, caller, &body).await,
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
            PublicAction::Receive(signature) => {
                match body::read(body, nango.settings().webhook_limit).await {
                    Ok(body) => webhook::receive(nango, &signature, body).await,
                    Err(problem) => problem.into_response(),
                }
            }
            PublicAction::Redirect(uri) => callback::redirect(nango, &uri),
        }
    }
}

// Heads carry cookies and codes; actions carry handles.

impl fmt::Debug for OwnerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for PublicRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicRequest").finish_non_exhaustive()
    }
}

//! The ready-made routes, without a web framework.
//!
//! `nango-axum` and `nango-actix` mount them. An adapter for another framework is about a hundred
//! lines; `examples/adapter` in the repository is one for Poem, to copy from. It first calls
//! [`Nango::assert_registered`](crate::Nango::assert_registered) with the type of the owner. Then it mounts every route of
//! [`Route::ALL`] at its [`path`](Route::path), for all methods, and answers a request in these
//! steps:
//!
//! 1. It converts the head to [`Parts`](http::request::Parts). Where that is not possible,
//!    [`unreadable_head`] is the reply.
//! 2. It passes the head to [`admit`], which answers what the head alone decides: methods, origins,
//!    malformed signatures, declared lengths. An `Err` is the reply.
//! 3. For [`Admitted::Owner`], it runs the app's own extractor on [`OwnerRequest::head`]. A
//!    rejection of the extractor is the reply, unchanged.
//! 4. It passes the owner and the body to [`OwnerRequest::answer`]. For [`Admitted::Public`], it
//!    passes the body to [`PublicRequest::answer`].
//!
//! No step can be skipped or reordered: only `admit` creates an admitted request, an admitted
//! request is consumed by its answer, and its body is read there, after the owner is known. Status,
//! headers and body of every reply are decided in this module; an adapter converts types and
//! contains no rule about Nango.
//!
//! ```
//! use std::pin::Pin;
//!
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode, request::Parts};
//! use nango_core::routes::{self, Admitted, Route};
//! use nango_core::{OwnerIdentity, Nango, TagMapper};
//! # use std::io;
//! # use std::task::{Context, Poll};
//! # /// A framework's body.
//! # struct Body(Option<Bytes>);
//! # impl Body {
//! #     fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
//! #         Poll::Ready(self.0.take().map(Ok))
//! #     }
//! # }
//!
//! #[derive(TagMapper)]
//! struct User {
//!     #[nango(id)]
//!     id: String,
//! }
//!
//! // The app's own login.
//! async fn log_in(head: &mut Parts) -> Result<User, StatusCode> {
//!     let id = head.headers.get("x-user").and_then(|id| id.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
//!     Ok(User { id: id.to_owned() })
//! }
//!
//! async fn answer(nango: &Nango, route: Route, request: Request<Body>) -> Response<Bytes> {
//!     let (head, mut body) = request.into_parts();
//!     let chunks = |context: &mut Context<'_>| Pin::new(&mut body).poll_chunk(context);
//!     match routes::admit(nango, route, head) {
//!         Ok(Admitted::Owner(mut request)) => {
//!             let caller = match log_in(request.head()).await {
//!                 Ok(user) => OwnerIdentity::of(&user),
//!                 Err(status) => {
//!                     let mut rejection = Response::new(Bytes::new());
//!                     *rejection.status_mut() = status;
//!                     return rejection;
//!                 }
//!             };
//!             request.answer(caller, chunks).await
//!         }
//!         Ok(Admitted::Public(request)) => request.answer(chunks).await,
//!         Err(refusal) => refusal,
//!     }
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), nango_core::ConfigError> {
//! #     let keys = nango_core::SigningKeys::new(["signing-key"])?;
//! #     let nango = Nango::builder("api-key", keys, nango_core::MemoryStore::new())
//! #         .allowed_integrations(["slack"])
//! #         .entity::<User>()
//! #         .build()?;
//! #     let list = |user: Option<&str>| {
//! #         let request = Request::get("/connections");
//! #         let request = user.into_iter().fold(request, |request, user| request.header("x-user", user));
//! #         answer(&nango, Route::Connections, request.body(Body(None)).unwrap())
//! #     };
//! #     assert_eq!(list(None).await.status(), 401);
//! #     assert_eq!(list(Some("alice")).await.body(), "[]");
//! #     Ok(())
//! # }
//! ```
//!
//! An adapter also answers [`MISDIRECTED_WEBHOOK`] with [`answer_misdirected_webhook`], so that a webhook
//! URL with a slash too many is in the log.
//!
//! # Conversions
//!
//! - **Head.** Only the method, the URI and the headers are read, every header value byte for byte. The
//!   path is read from its end, so that it may contain the mount point or not. `Parts` has no
//!   constructor: start with `http::Request::new(()).into_parts().0`.
//! - **Extractor.** Where extractors take the framework's own request, and not `Parts`, pass a copy of
//!   the head to [`admit`] and run the extractor on the request itself; [`OwnerRequest::head`] is not
//!   needed then. It must not reach the body: take the body out first, or lend an empty one.
//! - **Rejection.** What the framework does with a failed extractor in a handler of the app is right:
//!   a response, or an error that the app's own error handler sees.
//! - **Body.** Never collect it: [`answer`](OwnerRequest::answer) polls it, chunk by chunk, and a body
//!   that is not needed is never polled. Trailers are left out, or are empty chunks.
//! - **Reply.** Its status, headers and bytes, and no header more. An empty body has no type.
//! - **Owner.** [`OwnerIdentity::of`](crate::OwnerIdentity::of) the extracted entity, so that the entity itself is not held while
//!   the request is answered and does not have to be `Sync`.
//!
//! # Paths
//!
//! `{handle}` and `{attempt}` in a path stand for any one segment, in the router's own notation. A path
//! is matched as it was sent, percent-encoded: `/%77ebhook` is not `/webhook`, and `/connections/%ff` is a
//! route, although no text. A router that decodes paths before it matches them needs
//! [`Route::matches_suffix`] as a guard. One that refuses a segment which is not UTF-8 has to be
//! kept from it: Poem's `nest` does, so that its adapter mounts whole paths.
//!
//! # Some of the routes
//!
//! Apps with two kinds of owners mount the routes of [`Audience::Owner`] a second time at another
//! place, and those of [`Audience::Public`] once. An adapter whose function mounts only the latter
//! answers an [`OwnerRequest`], which then never comes, with [`OwnerRequest::not_mounted`].
//!
//! # Test
//!
//! `testing::adapter` (feature `testing`) has the contract suite that an adapter passes.

mod admit;
mod admitted;
mod body;
mod csrf;
#[cfg(feature = "openapi")]
mod openapi;
mod owner;
mod public;
mod reply;
mod route;
#[cfg(test)]
mod tests;

pub use admit::{admit, check_origin, unreadable_head};
pub use admitted::{Admitted, OwnerRequest, PublicRequest};
#[cfg(feature = "openapi")]
pub use openapi::openapi;
pub use public::{MISDIRECTED_WEBHOOK, answer_misdirected_webhook};
pub use route::{Audience, Route};

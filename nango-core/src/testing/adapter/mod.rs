//! The contract of an adapter: the replies that a web framework's routes have to send, each rule as
//! a function named after it.
//!
//! [`adapter_suite!`](super::adapter_suite) generates a test for each. It takes two arguments:
//!
//! - **An entity**: a [`TagMapper`](crate::TagMapper) of the kind `user` with its id in the tag
//!   `end_user_id`. The framework's extractor reads the id from the header `x-user`; any text is an
//!   id. Without that header, or where it is not text, the extractor rejects with exactly
//!   [`REJECTION`].
//! - **A mount**:
//!   `async fn(Nango, &'static str) -> impl AsyncFn(Request<Bytes>) -> Response<Bytes>`. It mounts
//!   all routes below a prefix (`""` for none) in an app with a state of its own. Beside the
//!   routes, the app answers `GET /own` with 200 and [`OWN`] from that state, and every other
//!   request with [`FALLBACK`]. The returned function sends a request to that app: in the process,
//!   or over TCP with [`send`].
//!
//! ```toml
//! [dev-dependencies]
//! nango-core = { version = "0.1", features = ["derive", "testing"] }
//! ```
//!
//! ```ignore
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use nango_core::Nango;
//! use nango_core::testing::adapter::{adapter_suite, send};
//!
//! async fn mount(nango: Nango, prefix: &'static str) -> impl AsyncFn(Request<Bytes>) -> Response<Bytes> {
//!     let address = serve(nango, prefix).await; // the app on a free port of 127.0.0.1, in a task
//!     async move |request| send(address, request).await
//! }
//!
//! adapter_suite!(User, mount);
//! ```
//!
//! Prefer a server and [`send`] to a framework's test client, which leaves out bodies on `HEAD` and
//! bodies in pieces. Each case mounts an app of its own, on a runtime of its own, and ends it with the
//! runtime: nothing has to be stopped. `tests/suite.rs` of `examples/adapter` is the whole of it for one
//! framework.
//!
//! Where a case fails with a reply that is not JSON, the framework has answered by itself, before the
//! adapter was called: its router, its limits, or its own handling of methods.
//!
//! Replies do not wait for the app's handler: a case about its effects waits for
//! [`Nango::settled`].
//!
//! A body is sent in chunks of unknown length if the request has the header
//! `transfer-encoding: chunked`, and otherwise with its length. The server sets the headers that
//! frame a message (`connection`, `content-length`, `date`, `transfer-encoding`); all others are
//! compared.

mod app;
mod attempts;
mod bytes;
mod handler;
mod login;
mod mounting;
mod nango;
mod refusal;
mod suite;
mod webhook;
mod wire;

use std::pin::Pin;

use crate::nango::Nango;
use ::bytes::Bytes;
use http::{Request, Response};

pub use self::attempts::*;
pub use self::bytes::*;
pub use handler::*;
pub use login::*;
pub use mounting::*;
pub use refusal::*;
pub use webhook::*;
pub use wire::send;

pub use crate::__adapter_suite as adapter_suite;

/// Status, header and body of the rejection of a request without a login.
pub const REJECTION: (u16, (&str, &str), &str) = (401, ("x-login", "/login"), "who are you?");

/// The body of the app's own route, from the app's own state.
pub const OWN: &str = "the app's own state";

/// Status and body of the reply to paths without a route.
pub const FALLBACK: (u16, &str) = (404, "the app's own fallback");

/// Runs a case on a runtime with several threads. Futures of frameworks that stay on one thread may
/// be spawned locally.
pub fn run(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let case: Pin<Box<dyn Future<Output = ()>>> = Box::pin(case);
    tokio::task::LocalSet::new().block_on(&runtime, case);
    runtime.shutdown_background();
}

/// Sends a request to an app.
pub trait Call: AsyncFn(Request<Bytes>) -> Response<Bytes> {}

impl<A: AsyncFn(Request<Bytes>) -> Response<Bytes>> Call for A {}

/// Mounts the routes in an app.
pub trait Mount<A>: AsyncFn(Nango, &'static str) -> A {}

impl<A, M: AsyncFn(Nango, &'static str) -> A> Mount<A> for M {}

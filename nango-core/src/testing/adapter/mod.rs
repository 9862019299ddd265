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
//! A body is sent in chunks of unknown length if the request has the header
//! `transfer-encoding: chunked`, and otherwise with its length. The server sets the headers that
//! frame a message (`connection`, `content-length`, `date`, `transfer-encoding`); all others are
//! compared.

mod app;
mod bytes;
mod cancel;
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

pub use bytes::{
    a_handle_is_the_last_raw_segment, a_repeated_header_stays_repeated,
    bodies_that_are_not_text_are_answered, header_values_may_be_any_bytes, paths_are_matched_raw,
    the_callback_forwards_the_query_raw, the_content_type_is_ignored,
};
pub use cancel::{a_cancelled_delivery_is_not_lost, a_cancelled_request_blocks_no_other};
pub use login::{
    a_rejection_is_forwarded_unchanged, rate_limits_are_per_owner,
    the_extractor_runs_before_the_body_is_read, the_public_routes_need_no_login,
};
pub use mounting::{
    every_route_answers_its_owner, replies_have_no_other_headers, the_rest_of_the_app_is_unchanged,
    the_routes_answer_at_any_prefix,
};
pub use refusal::{
    a_head_is_refused_before_the_body_arrives, bodies_are_read_to_their_limit,
    bodies_of_unknown_length_are_read_to_their_limit, other_methods_get_405,
    other_origins_are_refused_before_login,
};
pub use webhook::{a_forged_delivery_changes_nothing, a_genuine_delivery_starts_a_look};
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

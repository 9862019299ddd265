//! The contract of an adapter: what a web framework's routes have to answer, each rule as a function that is named after it.
//!
//! [`adapter_suite!`](super::adapter_suite) makes a test of each. It takes two things:
//!
//! - **An entity**: a [`TagMapper`](crate::TagMapper) of the kind `user`, with its id in the tag `end_user_id`, which the framework's extractor
//!   makes of the header `x-user`. Without that header, or when it is not text, the extractor rejects with exactly
//!   [`REJECTION`]. The id is whatever the header says.
//! - **A mount**: `async fn(Nango, &'static str) -> impl AsyncFn(Request<Bytes>) -> Response<Bytes>`. It puts all routes below
//!   a prefix (`""` for none) into an app, which has a state of its own, and beside the routes answers `GET /own` with a 200
//!   and [`OWN`] out of that state, and everything else with [`FALLBACK`]. What it gives sends a request to that app: in the
//!   process, or with [`send`] over TCP.
//!
//! A body is sent in pieces of unknown length when the request has the header `transfer-encoding: chunked`, and otherwise
//! with its length. Headers that frame a message (`connection`, `content-length`, `date`, `transfer-encoding`) are the
//! server's own; all others are compared.

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

use ::bytes::Bytes;
use http::{Request, Response};

pub use bytes::{
    a_broken_header_is_only_bytes, a_handle_is_the_last_raw_segment, a_path_is_matched_as_it_came,
    a_repeated_header_stays_repeated, bodies_that_are_not_text_are_answered,
    the_callback_passes_the_query_on_raw, the_content_type_does_not_matter,
};
pub use cancel::{a_cancelled_delivery_is_not_lost, a_cancelled_request_leaves_nothing_behind};
pub use login::{
    a_rejection_is_passed_on_untouched, owners_have_limits_of_their_own, the_extractor_comes_before_the_body,
    the_public_routes_need_no_login,
};
pub use mounting::{
    replies_have_no_other_headers, the_app_around_it_is_untouched, the_routes_answer_at_any_prefix,
    the_routes_answer_their_owner,
};
pub use refusal::{
    bodies_are_read_to_their_limit, bodies_of_unknown_length_are_read_to_their_limit,
    other_methods_are_answered_by_the_route, other_origins_are_refused_before_login,
    refused_by_the_head_without_the_body,
};
pub use webhook::{a_forged_delivery_changes_nothing, a_genuine_delivery_is_looked_into};
pub use wire::send;

pub use crate::__adapter_suite as adapter_suite;

use crate::nango::Nango;

/// Status, header and body of the rejection of whoever is not logged in.
pub const REJECTION: (u16, (&str, &str), &str) = (401, ("x-login", "/login"), "who are you?");

/// The body of the app's own route, out of the app's own state.
pub const OWN: &str = "the app's own state";

/// Status and body of everything that the app has no route for.
pub const FALLBACK: (u16, &str) = (404, "the app's own fallback");

/// Runs a case on a runtime with several threads. Futures of frameworks that stay on one thread may be spawned locally.
pub fn run(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let case: Pin<Box<dyn Future<Output = ()>>> = Box::pin(case);
    tokio::task::LocalSet::new().block_on(&runtime, case);
    runtime.shutdown_background();
}

/// Sends a request to an app.
pub trait Call: AsyncFn(Request<Bytes>) -> Response<Bytes> {}

impl<A: AsyncFn(Request<Bytes>) -> Response<Bytes>> Call for A {}

/// Puts the routes into an app.
pub trait Mount<A>: AsyncFn(Nango, &'static str) -> A {}

impl<A, M: AsyncFn(Nango, &'static str) -> A> Mount<A> for M {}

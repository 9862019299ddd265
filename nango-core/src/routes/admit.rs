//! What a request's head alone decides.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method, Response};

use super::reply::Problem;
use super::{Route, callback, connections, csrf};
use crate::nango::Nango;
use crate::webhook::Signature;

/// Lets a request in by its head, before its body is read and before anybody asks who sends it.
///
/// # Errors
///
/// The reply to send instead: 405 for another method (`HEAD` too: Nango completes a flow on a `HEAD` of its callback, and
/// the browser's `GET` then fails), 403 for a request of another origin, 401 for a delivery without a well-formed signature,
/// 413 for a body that says that it is too long, 414 for a callback's query of more than 16 KiB.
#[expect(clippy::result_large_err, reason = "the reply is what the adapter sends next")]
pub fn admit(nango: &Nango, route: Route, head: &Parts) -> Result<(), Response<Bytes>> {
    judge(nango, route, head).map_err(|problem| {
        let mut refusal = problem.refuse(route);
        if head.method == Method::HEAD {
            // Not every server leaves it out, and a client takes it for the beginning of the next reply.
            refusal.body_mut().clear();
        }
        refusal
    })
}

fn judge(nango: &Nango, route: Route, head: &Parts) -> Result<(), Problem> {
    if head.method != route.method() {
        return Err(Problem::WrongMethod(route.method()));
    }
    match route {
        Route::Webhook => {
            Signature::of(&head.headers).map_err(|_| Problem::BadSignature)?;
        }
        Route::Callback => callback::admit(&head.uri)?,
        // A look takes from Nango's rate limit, so no other page may start one.
        Route::Connections if connections::wants_sync(&head.uri) => csrf::admit(nango, head)?,
        Route::Connections => {}
        Route::SessionToken | Route::ReconnectToken | Route::Check | Route::Disconnect => {
            csrf::admit(nango, head)?;
        }
    }
    // A callback has no body that anybody would read.
    if route != Route::Callback && declared_length(&head.headers).is_some_and(|n| n > route.body_limit(nango))
    {
        return Err(Problem::TooLarge);
    }
    Ok(())
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

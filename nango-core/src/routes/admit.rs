//! Decisions about a request from its head alone.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use nango_client::{Signature, Timestamp};

use super::admitted::{Admitted, OwnerAction, OwnerRequest, PublicAction, PublicRequest};
use super::body::OWNER_LIMIT;
use super::reply::{Problem, empty};
use super::{Route, csrf, owner, public};
use crate::nango::Nango;

/// Admits a request by its head, before the app's login runs and before the body is read.
///
/// Everything that the reply depends on is read from the head here. The head that
/// [`OwnerRequest::head`] lends afterwards is the extractor's to change, without effect on the
/// reply.
///
/// # Errors
///
/// The reply to send instead:
///
/// - 400 for a `wait` that is not a number of seconds,
/// - 401 for a delivery without exactly one well-formed signature,
/// - 403 for an owner's request from a page of another origin,
/// - 405 for another method. That includes `HEAD`: Nango completes a flow on a `HEAD` of its
///   callback, and the browser's `GET` then fails;
/// - 413 for a declared length above the route's limit,
/// - 414 for a callback's query of more than 16 KiB.
#[expect(clippy::result_large_err, reason = "the adapter sends the reply next")]
pub fn admit(nango: &Nango, route: Route, head: Parts) -> Result<Admitted, Response<Bytes>> {
    let is_head = head.method == Method::HEAD;
    judge(nango, route, head).map_err(|problem| {
        let mut refusal = problem.into_response_for(route);
        if is_head {
            // Some servers send the body all the same, and a client reads it as the start of the
            // next reply.
            refusal.body_mut().clear();
        }
        refusal
    })
}

/// Checks that a request does not come from a page of another origin, as the owner routes do, for
/// routes of the app's own that a browser's cookies authorise: logins, logouts, settings.
///
/// `Sec-Fetch-Site` decides where it is present, otherwise `Origin`, which has to be the `Host` or
/// one of the builder's `trusted_origins`. A request with neither header does not come from a page.
/// A bearer token does not make up for it, whatever the builder says about the owner routes.
///
/// # Errors
///
/// The reply to send instead: 403 with the code `cross_origin`.
#[expect(clippy::result_large_err, reason = "the route sends the reply next")]
pub fn check_origin(nango: &Nango, head: &Parts) -> Result<(), Response<Bytes>> {
    csrf::check(nango, head).map_err(Problem::into_response)
}

/// Returns the reply to a head that cannot be converted to [`Parts`]: 400 without a body.
///
/// HTTP servers answer a malformed head alike. The reply has no body because the method, which may
/// be `HEAD`, is unknown.
#[must_use]
pub fn unreadable_head() -> Response<Bytes> {
    empty(StatusCode::BAD_REQUEST)
}

fn judge(nango: &Nango, route: Route, head: Parts) -> Result<Admitted, Problem> {
    if head.method != route.method() {
        return Err(Problem::WrongMethod(route.method()));
    }
    let nango = nango.clone();
    let action = match route {
        Route::Callback => {
            public::check_query(&head.uri)?;
            let guard = nango.settings().callback_guard.as_ref();
            let fault = guard.and_then(|guard| guard.check(&head.headers, Timestamp::now()).err());
            let action = PublicAction::Redirect { uri: head.uri, fault };
            return Ok(Admitted::Public(PublicRequest { nango, route, action }));
        }
        Route::Webhook => {
            let signature = Signature::from_headers(&head.headers)
                .map_err(|reason| public::refuse_delivery(&nango, reason))?;
            check_declared_length(&head.headers, nango.settings().webhook_limit)?;
            let action = PublicAction::Receive(signature);
            return Ok(Admitted::Public(PublicRequest { nango, route, action }));
        }
        Route::Attempt => OwnerAction::Attempt {
            text: owner::segment_from_end(&head.uri, 0),
            wait: owner::wait_in(&head.uri)?,
        },
        Route::SessionToken => OwnerAction::Connect,
        Route::ReconnectToken => OwnerAction::Reconnect,
        Route::Connections => OwnerAction::List { sync: owner::wants_sync(&head.uri) },
        Route::Check => OwnerAction::Check { handle: owner::segment_from_end(&head.uri, 1) },
        Route::Disconnect => OwnerAction::Disconnect { handle: owner::segment_from_end(&head.uri, 0) },
    };
    // The stored list is the only reply that changes nothing and takes nothing from Nango's rate
    // limit.
    if !matches!(action, OwnerAction::List { sync: false }) {
        csrf::check_owner_route(&nango, &head)?;
    }
    check_declared_length(&head.headers, OWNER_LIMIT)?;
    Ok(Admitted::Owner(OwnerRequest { nango, route, action, head }))
}

fn check_declared_length(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.trim().parse().ok());
    match declared {
        Some(length) if limit < length => Err(Problem::TooLarge),
        _ => Ok(()),
    }
}

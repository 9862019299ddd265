//! The public routes: Nango's webhook, and the browser's way from a provider to Nango.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode, Uri};
use nango_client::{Signature, SignatureError};
use serde::Serialize;
use tokio::time::timeout;

use super::reply::{Problem, empty, json};
use crate::attempts::CookieFault;
use crate::engine::{Count, WEBHOOK_DEADLINE};
use crate::error::{Error, ErrorKind};
use crate::nango::Nango;
use crate::report::BackgroundFailure;

/// The longest query, in bytes. Codes of providers are long; some providers send a whole token.
const MAX_QUERY: usize = 16 * 1024;

pub(super) fn check_query(uri: &Uri) -> Result<(), Problem> {
    match uri.query() {
        Some(query) if query.len() > MAX_QUERY => Err(Problem::QueryTooLong),
        _ => Ok(()),
    }
}

/// Redirects (308) to Nango's own callback, with the query byte for byte.
///
/// Dropped parameters are lost to the connection, and only the browser has Nango's state cookie
/// (observed on 0.71.4).
pub(super) fn redirect(nango: &Nango, uri: &Uri) -> Response<Bytes> {
    let mut target = nango.engine().client.callback_url();
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    let Ok(location) = HeaderValue::from_str(&target) else {
        return Problem::Misconfigured.into_response();
    };
    let mut reply = empty(StatusCode::PERMANENT_REDIRECT);
    let headers = reply.headers_mut();
    headers.insert(LOCATION, location);
    // The query contains the provider's code.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// Replies with a page that says why the callback is not passed on. Nango does not get the code, which
/// expires unused.
pub(super) fn refuse_callback(nango: &Nango, reason: CookieFault) -> Response<Bytes> {
    nango.report(BackgroundFailure::CallbackRefused { reason });
    let mut reply = empty(StatusCode::FORBIDDEN);
    *reply.body_mut() = nango.settings().refusal_page.to_html().into();
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// The page has a style of its own, and needs nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Serialize)]
struct Received {
    received: bool,
}

/// Handles a delivery. Replies 200 to every genuine one that was handled or deliberately ignored.
///
/// Nango retries only after a 5xx, three times in ten seconds, and never after a 4xx (observed on
/// 0.71.4).
pub(super) async fn receive(nango: &Nango, signature: &Signature, body: Bytes) -> Response<Bytes> {
    let delivery = match nango.settings().signing_keys.verify_signature(signature, body) {
        Ok(delivery) => delivery,
        Err(reason) => {
            return refuse_delivery(nango, reason).into_response();
        }
    };
    match timeout(WEBHOOK_DEADLINE, nango.receive(&delivery)).await {
        Ok(Ok(())) => json(StatusCode::OK, &Received { received: true }),
        // Of the queue of events, which has reported it. Nango does not retry after a 4xx, and need not.
        Ok(Err(error)) if error.kind() == ErrorKind::TooLarge => Problem::TooLarge.into_response(),
        Ok(Err(error)) => {
            let problem = match error.kind() {
                ErrorKind::Store => Problem::StoreUnavailable,
                // Also for what would be a 4xx, after which Nango does not retry.
                _ => Problem::NangoUnavailable(error.retry_after()),
            };
            nango.report(BackgroundFailure::Webhook { error });
            problem.into_response()
        }
        Err(_) => {
            let error = Error::because(ErrorKind::Unavailable, "the store did not answer in time");
            nango.report(BackgroundFailure::Webhook { error });
            Problem::NangoUnavailable(None).into_response()
        }
    }
}

/// Counts and reports a delivery without a right signature.
pub(super) fn refuse_delivery(nango: &Nango, reason: SignatureError) -> Problem {
    nango.engine().count(Count::Refused);
    nango.report(BackgroundFailure::WebhookRefused { reason });
    Problem::BadSignature
}

/// The path with a slash at its end, below the mount point. It is not a route: no delivery that is
/// posted to it is received.
pub const MISDIRECTED_WEBHOOK: &str = "/webhook/";

/// Returns the reply to any request to [`MISDIRECTED_WEBHOOK`]: 404, after a line in the log that says
/// what to correct. Adapters mount it.
#[must_use]
pub fn answer_misdirected_webhook(nango: &Nango) -> Response<Bytes> {
    nango.report(BackgroundFailure::WebhookMisdirected);
    Problem::NoRoute.into_response()
}

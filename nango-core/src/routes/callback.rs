//! The browser's way from the provider to Nango.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION, REFERRER_POLICY};
use http::{Response, StatusCode, Uri};

use super::reply::{Problem, empty};
use crate::nango::Nango;

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
    let mut target = nango.engine().client().callback_url();
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

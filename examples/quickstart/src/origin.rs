//! Protection of the app's own routes against forms of other sites: one of them could log its
//! visitor in as another user, and the accounts that the visitor connects would be that user's.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use nango_core::Nango;
use url::Url;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request of a page of another origin, by the rule that Nango's routes follow.
///
/// Pages can set neither header. `Sec-Fetch-Site` decides where it is present; older browsers send
/// only `Origin`. A request with neither does not come from a page.
// The rule is nango-core's. It moves to `nango_core::routes::check_origin`, which also knows the
// trusted origins of the handle; this app has none.
#[expect(clippy::result_large_err, reason = "the signature is that of nango-core")]
pub fn check_origin(_: &Nango, head: &Parts) -> Result<(), Response<Bytes>> {
    let allowed = match (head.headers.get(SEC_FETCH_SITE), head.headers.get(ORIGIN)) {
        (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none"),
        (None, Some(origin)) => is_own(origin, head),
        (None, None) => true,
    };
    if allowed { Ok(()) } else { Err(refusal()) }
}

/// Returns true for an origin with the host and port of the request. The origin `null` has none.
fn is_own(origin: &HeaderValue, head: &Parts) -> bool {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok());
    let (Some(host), Some(origin)) = (host, origin) else {
        return false;
    };
    // With the origin's scheme, so that a default port equals an omitted one.
    let own = Url::parse(&format!("{}://{host}", origin.scheme()));
    own.is_ok_and(|own| own.origin() == origin.origin() && origin.origin().is_tuple())
}

fn refusal() -> Response<Bytes> {
    let body = r#"{"error":{"code":"cross_origin","message":"the request comes from another site"}}"#;
    let mut reply = Response::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = StatusCode::FORBIDDEN;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

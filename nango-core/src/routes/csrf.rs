//! Whether a request was made by the app's own pages.

use http::HeaderValue;
use http::header::{HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use url::Url;

use super::reply::Problem;
use crate::nango::Nango;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Browsers say where a request comes from, and pages cannot make them lie. `Sec-Fetch-Site` is the better witness, `Origin`
/// the one of older browsers and of plain http. A request with neither is not from a browser's page: nobody was tricked.
pub(super) fn admit(nango: &Nango, head: &Parts) -> Result<(), Problem> {
    let headers = &head.headers;
    let origin = headers.get(ORIGIN);
    let trusted = || origin.is_some_and(|origin| is_trusted(nango, origin));
    let ours = match (headers.get(SEC_FETCH_SITE), origin) {
        (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none") || trusted(),
        (None, Some(origin)) => is_own(origin, head) || trusted(),
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(Problem::CrossOrigin) }
}

fn is_trusted(nango: &Nango, origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| nango.trusts_origin(origin))
}

/// Whether the origin's authority is the host that was asked. `null` has none.
fn is_own(origin: &HeaderValue, head: &Parts) -> bool {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(Authority::as_str));
    let origin = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok());
    let (Some(host), Some(origin)) = (host, origin) else {
        return false;
    };
    // Read with the origin's scheme, so that a default port is the same whether written or not.
    let asked = Url::parse(&format!("{}://{host}", origin.scheme()));
    asked.is_ok_and(|asked| asked.origin() == origin.origin() && origin.origin().is_tuple())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::routes::tests::nango;

    fn admitted(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/session-token").header("host", "app.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        admit(&nango(), &request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn the_browser_says_where_a_request_comes_from() {
        assert!(admitted(&[]));
        assert!(admitted(&[("sec-fetch-site", "same-origin")]));
        assert!(admitted(&[("sec-fetch-site", "none")]));
        assert!(!admitted(&[("sec-fetch-site", "same-site")]));
        assert!(!admitted(&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]));
    }

    #[test]
    fn older_browsers_send_only_an_origin() {
        assert!(admitted(&[("origin", "https://app.example")]));
        assert!(admitted(&[("origin", "https://app.example:443")]));
        for origin in
            ["null", "https://evil.example", "https://app.example.evil", "https://app.example:8443", ""]
        {
            assert!(!admitted(&[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn trusted_origins_may_call_across() {
        assert!(admitted(&[("sec-fetch-site", "cross-site"), ("origin", "https://trusted.example")]));
        assert!(admitted(&[("origin", "https://trusted.example")]));
    }
}

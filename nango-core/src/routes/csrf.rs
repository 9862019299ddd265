//! Protection against requests that pages of other origins make.

use http::HeaderValue;
use http::header::{HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use url::Url;

use super::reply::Problem;
use crate::nango::Nango;
use crate::report::BackgroundFailure;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request of a page that is neither of this origin nor of a trusted one.
///
/// Pages can set neither header. `Sec-Fetch-Site` decides where it is present; older browsers, and
/// all over plain HTTP, send only `Origin`. A request with neither does not come from a page, so no
/// page can have forged it.
pub(super) fn check(nango: &Nango, head: &Parts) -> Result<(), Problem> {
    let headers = &head.headers;
    let origin = headers.get(ORIGIN);
    let trusted = || origin.is_some_and(|origin| is_trusted(nango, origin));
    let allowed = match (headers.get(SEC_FETCH_SITE), origin) {
        (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none") || trusted(),
        (None, Some(origin)) => is_own(origin, head) || trusted(),
        (None, None) => true,
    };
    if allowed {
        return Ok(());
    }
    let origin = origin.and_then(readable);
    nango.report(BackgroundFailure::CrossOrigin { origin });
    Err(Problem::CrossOrigin)
}

/// Returns an origin as a browser writes it; `None` for any other text, which belongs in no log.
fn readable(origin: &HeaderValue) -> Option<String> {
    let origin = Url::parse(origin.to_str().ok().filter(|text| text.len() <= 256)?).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn is_trusted(nango: &Nango, origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| nango.settings().trusts_origin(origin))
}

/// Returns true for an origin with the host and port of the request. The origin `null` has none.
fn is_own(origin: &HeaderValue, head: &Parts) -> bool {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(Authority::as_str));
    let origin = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok());
    let (Some(host), Some(origin)) = (host, origin) else {
        return false;
    };
    // With the origin's scheme, so that a default port equals an omitted one.
    let own = Url::parse(&format!("{}://{host}", origin.scheme()));
    own.is_ok_and(|own| own.origin() == origin.origin() && origin.origin().is_tuple())
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
        check(&nango(), &request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn sec_fetch_site_decides_where_it_is_present() {
        assert!(admitted(&[]));
        assert!(admitted(&[("sec-fetch-site", "same-origin")]));
        assert!(admitted(&[("sec-fetch-site", "none")]));
        assert!(!admitted(&[("sec-fetch-site", "same-site")]));
        assert!(!admitted(&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]));
    }

    #[test]
    fn origin_decides_without_sec_fetch_site() {
        assert!(admitted(&[("origin", "https://app.example")]));
        assert!(admitted(&[("origin", "https://app.example:443")]));
        for origin in
            ["null", "https://evil.example", "https://app.example.evil", "https://app.example:8443", ""]
        {
            assert!(!admitted(&[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn trusted_origins_are_admitted() {
        assert!(admitted(&[("sec-fetch-site", "cross-site"), ("origin", "https://trusted.example")]));
        assert!(admitted(&[("origin", "https://trusted.example")]));
    }
}

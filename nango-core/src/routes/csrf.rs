//! Protection against requests that pages of other origins make.

use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::reply::Problem;
use crate::nango::Nango;
use crate::report::BackgroundFailure;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request to an owner route of a page that is neither of this origin nor of a trusted
/// one, unless what authorises it is nothing that a browser adds by itself.
pub(super) fn check_owner_route(nango: &Nango, head: &Parts) -> Result<(), Problem> {
    if nango.settings().bearer_only && has_bearer_alone(&head.headers) {
        return Ok(());
    }
    check(nango, head)
}

/// Refuses a request of a page that is neither of this origin nor of a trusted one.
///
/// Pages can set neither header. `Sec-Fetch-Site` decides where it is present; older browsers, and
/// all over plain HTTP, send only `Origin`. A request with neither does not come from a page, so no
/// page can have forged it.
pub(super) fn check(nango: &Nango, head: &Parts) -> Result<(), Problem> {
    let headers = &head.headers;
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let site = headers.get(SEC_FETCH_SITE);
    let trusted = || origin.is_some_and(|origin| nango.settings().trusted_origins.contain(origin));
    let allowed = match (site, origin) {
        (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none") || trusted(),
        (None, Some(origin)) => is_own(origin, head) || trusted(),
        (None, None) => true,
    };
    if allowed {
        return Ok(());
    }
    let host = host(head).filter(|_| site.is_none()).and_then(readable_host);
    nango.report(BackgroundFailure::CrossOrigin { origin: origin.and_then(readable), host });
    Err(Problem::CrossOrigin)
}

/// Returns whether a bearer token is all that can authorise the request.
fn has_bearer_alone(headers: &HeaderMap) -> bool {
    let mut tokens = headers.get_all(AUTHORIZATION).iter();
    let is_bearer = |value: &HeaderValue| {
        let scheme = value.as_bytes().split_at_checked(7);
        scheme.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty())
    };
    tokens.next().is_some_and(is_bearer) && tokens.next().is_none() && !headers.contains_key(COOKIE)
}

/// Returns an origin as a browser writes it; `None` for any other text, which belongs in no log.
fn readable(origin: &str) -> Option<String> {
    let origin = Url::parse(Some(origin).filter(|text| text.len() <= 256)?).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Returns a host with its port; `None` for any other text.
fn readable_host(host: &str) -> Option<String> {
    let host: Authority = Some(host).filter(|text| text.len() <= 256)?.parse().ok()?;
    (!host.as_str().contains('@')).then(|| host.as_str().to_owned())
}

fn host(head: &Parts) -> Option<&str> {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| head.uri.authority().map(Authority::as_str))
}

/// Returns true for an origin with the host and port of the request. The origin `null` has none.
fn is_own(origin: &str, head: &Parts) -> bool {
    let (Some(host), Ok(origin)) = (host(head), Url::parse(origin)) else {
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
    use crate::routes::tests::{builder, nango};

    fn head(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri("/session-token").header("host", "app.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn admitted(headers: &[(&str, &str)]) -> bool {
        check_owner_route(&nango(), &head(headers)).is_ok()
    }

    #[test]
    fn a_bearer_token_alone_is_admitted_from_any_page_where_the_app_says_so() {
        let foreign = ("sec-fetch-site", "cross-site");
        let bearer = ("authorization", "bearer t");
        let nango = builder().owner_routes_use_bearer_only().build().unwrap();
        let with = |headers: &[(&str, &str)]| check_owner_route(&nango, &head(headers)).is_ok();
        assert!(with(&[foreign, bearer]) && with(&[("origin", "null"), ("authorization", "BEARER t")]));
        assert!(!admitted(&[foreign, bearer]), "only where the app says so");
        for other in [("cookie", "sid=1"), ("authorization", "bearer u"), ("cookie", "")] {
            assert!(!with(&[foreign, bearer, other]), "{other:?}");
        }
        for authorization in ["Basic dTpw", "bearer ", "bearer", "bearert x", ""] {
            assert!(!with(&[foreign, ("authorization", authorization)]), "{authorization}");
        }
        assert!(check(&nango, &head(&[foreign, bearer])).is_err(), "routes of the app's own have cookies");
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

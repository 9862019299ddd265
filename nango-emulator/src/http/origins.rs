//! Hosts and origins of requests. A web page can make its visitor's browser send requests to this
//! machine, and a page whose name resolves to this machine can read the replies.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri, header};
use url::{Host, Origin, Url};

/// Hosts and origins that an emulator trusts.
pub(crate) struct Origins {
    /// Origin of the public URL.
    public: Option<Origin>,
    /// Names that are allowed besides `localhost` and IP addresses.
    names: Vec<String>,
}

impl Origins {
    /// The host of the public URL is always allowed: browsers are sent to it.
    pub(crate) fn new(public_url: &str, allowed_hosts: impl IntoIterator<Item = String>) -> Self {
        let public = Url::parse(public_url).ok();
        let host = public.as_ref().and_then(Url::host_str).map(str::to_owned);
        Self {
            public: public.map(|url| url.origin()),
            names: host.into_iter().chain(allowed_hosts).collect(),
        }
    }

    /// Returns true if the request names an allowed host. DNS rebinding needs a name of the
    /// attacker's, which is neither `localhost` nor an address; every browser sends `Host`.
    pub(crate) fn allow_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
        let knows = |authority: &Authority| self.knows(authority.host());
        host.as_ref().is_some_and(knows) && uri.authority().is_none_or(knows)
    }

    fn knows(&self, host: &str) -> bool {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_address =
            inner.map_or(host.parse::<Ipv4Addr>().is_ok(), |inner| inner.parse::<Ipv6Addr>().is_ok());
        is_address || is_localhost(host) || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Returns true if a page of another site made the request: its origin is neither the
    /// emulator's own, nor on this machine, nor of an allowed host.
    pub(crate) fn is_foreign(&self, headers: &HeaderMap) -> bool {
        any_origin(headers, |origin| !self.is_own(origin, headers) && !self.is_near(origin))
    }

    /// Returns true if a page of another origin than the emulator's own made the request.
    pub(crate) fn is_cross_origin(&self, headers: &HeaderMap) -> bool {
        any_origin(headers, |origin| !self.is_own(origin, headers))
    }

    /// Compares the origin with the public URL's and with the `Host` that the request names.
    fn is_own(&self, origin: &Origin, headers: &HeaderMap) -> bool {
        let Origin::Tuple(scheme, ..) = origin else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        // With the origin's scheme: a proxy in front of the emulator may speak HTTPS.
        let own = Url::parse(&format!("{scheme}://{host}")).map(|url| url.origin());
        own.is_ok_and(|own| own == *origin) || self.public.as_ref() == Some(origin)
    }

    /// Returns true for web pages of this machine and of allowed hosts, on any port.
    fn is_near(&self, origin: &Origin) -> bool {
        let Origin::Tuple(scheme, host, _) = origin else { return false };
        matches!(scheme.as_str(), "http" | "https")
            && match host {
                Host::Ipv4(ip) => ip.is_loopback(),
                Host::Ipv6(ip) => ip.is_loopback(),
                Host::Domain(name) => self.knows(name),
            }
    }
}

/// Returns true for `localhost` and the names below it, which no name server can hand out.
fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Tests the request's origins. `null`, which sandboxed frames and files send, is an opaque origin.
fn any_origin(headers: &HeaderMap, test: impl Fn(&Origin) -> bool) -> bool {
    let parse = |value: &HeaderValue| value.to_str().ok().and_then(|text| Url::parse(text).ok());
    let opaque = Origin::new_opaque;
    let origins = headers.get_all(header::ORIGIN).iter();
    origins.map(|value| parse(value).map_or_else(opaque, |url| url.origin())).any(|origin| test(&origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        Origins::new("https://nango.example/sub", ["compose_service".to_owned()])
    }

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        headers.extend(origin.map(|origin| (header::ORIGIN, origin.parse().unwrap())));
        headers
    }

    #[test]
    fn hosts_are_local_names_addresses_and_listed_names() {
        let allowed = |host: &str| origins().allow_host(&Uri::from_static("/"), &headers(host, None));
        for host in [
            "localhost", "LOCALHOST:3003", "app.localhost:1", "127.0.0.1:3003", "192.168.0.7", "[::1]:3003",
            "[fe80::1]", "nango.example", "Compose_Service:3003",
        ] {
            assert!(allowed(host), "{host}");
        }
        for host in [
            "", "evil.example", "evil.example:3003", "localhost.evil.example", "127.0.0.1.evil.example",
            "notlocalhost", "[evil.example]", "nango.example.evil", "host.docker.internal", "a b",
        ] {
            assert!(!allowed(host), "{host}");
        }
    }

    #[test]
    fn every_host_that_a_request_names_is_judged() {
        let origins = origins();
        let both = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost"))]);
        assert!(!origins.allow_host(&Uri::from_static("http://evil.example/"), &both));
        let mut twice = both;
        twice.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!origins.allow_host(&Uri::from_static("/"), &twice));
        assert!(!origins.allow_host(&Uri::from_static("/"), &HeaderMap::new()));
    }

    #[test]
    fn origins_are_own_near_or_foreign() {
        for (origin, cross, foreign) in [
            (None, false, false),
            (Some("http://localhost:3003"), false, false),
            (Some("https://nango.example"), false, false),
            (Some("http://localhost:5173"), true, false),
            (Some("http://app.localhost:5173"), true, false),
            (Some("http://127.0.0.1:5173"), true, false),
            (Some("http://[::1]:5173"), true, false),
            (Some("http://compose_service:1"), true, false),
            (Some("http://192.168.0.7"), true, true),
            (Some("https://evil.example"), true, true),
            (Some("http://localhost.evil.example"), true, true),
            (Some("http://evil.example:3003"), true, true),
            (Some("tauri://localhost"), true, true),
            (Some("null"), true, true),
            (Some(""), true, true),
        ] {
            let headers = headers("localhost:3003", origin);
            let found = (origins().is_cross_origin(&headers), origins().is_foreign(&headers));
            assert_eq!(found, (cross, foreign), "{origin:?}");
        }
    }
}

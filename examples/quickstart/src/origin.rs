//! Protection of the app's own routes against pages of other sites. A form of one could log its
//! visitor in as another user, and the accounts that the visitor connects would be that user's. And
//! to a browser, a page whose name resolves to this machine is of the same origin as this app.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Response, StatusCode};
use nango_core::Nango;
use nango_core::routes::check_origin;
use url::Url;

/// Refuses a request that a page of another site makes.
#[expect(clippy::result_large_err, reason = "the reply is that of nango-core")]
pub fn check(nango: &Nango, allowed_hosts: &[String], head: &Parts) -> Result<(), Response<Bytes>> {
    check_host(allowed_hosts, head)?;
    check_origin(nango, head)
}

/// Refuses a `Host` that is neither `localhost`, nor an IP address, nor one of `allowed`. This app
/// needs the rule because it runs on a developer's machine and asks for no password.
#[expect(clippy::result_large_err, reason = "the reply is that of nango-core")]
fn check_host(allowed: &[String], head: &Parts) -> Result<(), Response<Bytes>> {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let is_known = |host: &Authority| {
        let host = host.host().trim_matches(['[', ']']);
        host.parse::<Ipv4Addr>().is_ok()
            || host.parse::<Ipv6Addr>().is_ok()
            || host.eq_ignore_ascii_case("localhost")
            || allowed.iter().any(|name| name.eq_ignore_ascii_case(host))
    };
    if host.as_ref().is_some_and(is_known) { Ok(()) } else { Err(refusal(UNKNOWN_HOST)) }
}

/// Returns the page on the host of the guarded callback, for a browser that has reached this machine by
/// another of its names: a cookie belongs to one name, so that the callback would find none.
pub fn page_of_callback(callback: Option<&Url>, host: &str) -> Option<String> {
    let callback = callback.filter(|url| url.scheme() == "http")?.host_str()?;
    let host = host.parse::<Authority>().ok()?;
    if host.host().eq_ignore_ascii_case(callback) || !is_this_machine(host.host()) {
        return None;
    }
    let port = host.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("http://{callback}{port}/"))
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

const UNKNOWN_HOST: &str = r#"{"error":{"code":"host_not_allowed","message":"this is not a name of the app; start it with --allow-host NAME"}}"#;

fn refusal(body: &'static str) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = StatusCode::FORBIDDEN;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_local_names_addresses_and_allowed_names() {
        let is_allowed = |host: &str| {
            let head = http::Request::builder().header(HOST, host).body(()).unwrap().into_parts().0;
            check_host(&["app.internal".to_owned()], &head).is_ok()
        };
        for host in
            ["localhost:3000", "LOCALHOST", "127.0.0.1:3000", "192.168.0.7", "[::1]:3000", "App.internal:1"]
        {
            assert!(is_allowed(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:3000", "localhost.evil.example", "[evil.example]"] {
            assert!(!is_allowed(host), "{host}");
        }
    }

    #[test]
    fn a_browser_is_sent_to_the_host_of_the_guarded_callback() {
        let sent = |callback: &str, host: &str| page_of_callback(Some(&Url::parse(callback).unwrap()), host);
        let local = "http://127.0.0.1:3000/nango/oauth-callback";
        for host in ["localhost:3000", "LOCALHOST:3000", "[::1]:3000", "127.0.0.2:3000"] {
            assert_eq!(sent(local, host).as_deref(), Some("http://127.0.0.1:3000/"), "{host}");
        }
        for host in ["127.0.0.1:3000", "192.168.0.7:3000", "app.internal", ""] {
            assert_eq!(sent(local, host), None, "{host}");
        }
        let named = sent("http://localhost:3000/nango/oauth-callback", "127.0.0.1:8080");
        assert_eq!(named.as_deref(), Some("http://localhost:8080/"), "a cookie is for all ports");
        assert_eq!(sent("https://app.example/nango/oauth-callback", "localhost:3000"), None);
    }
}

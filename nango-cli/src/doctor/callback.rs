//! The callback that providers redirect to.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use nango_core::{Nango, Verdict};
use reqwest::{Response, StatusCode};
use url::{Host, Url};

use super::reply::{MOUNTED, status};
use crate::output::Finding;

/// A query that a server which decodes and encodes it again would change.
const QUERY: &str = "state=nango-rs%20doctor&code=a+b%2Fc&empty=";

/// Returns the address of the callback with the query.
pub(super) fn with_query(callback: &Url) -> Url {
    let mut url = callback.clone();
    url.set_query(Some(QUERY));
    url
}

/// Checks the reply of the callback at this URL, of an app whose routes are mounted at another one.
pub(super) fn check(reply: Result<Response, String>, nango: &Nango, app: &Url, callback: &Url) -> Finding {
    let finding = |verdict, text: String| Finding::new("callback", verdict, text);
    let reply = match reply {
        Ok(reply) => reply,
        Err(text) => return finding(Verdict::Failed, text),
    };
    if is_guarded(&reply) {
        return check_guarded(app, callback);
    }
    if reply.status() != StatusCode::PERMANENT_REDIRECT {
        return finding(Verdict::Failed, format!("{}, and not 308; {MOUNTED}", status(&reply)));
    }
    let location =
        reply.headers().get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
    let (target, query) = location.split_once('?').unwrap_or((location, ""));
    let expected = nango.unscoped_client().callback_url();
    if !is_same_address(target, &expected) {
        let text = format!(
            "redirects to {target}, and not to {expected}; set NANGO_HOST and NANGO_PUBLIC_SERVER_URL of the app and of this \
             machine to the same Nango"
        );
        return finding(Verdict::Failed, text);
    }
    if query != QUERY {
        let text = "changes the query on the way, so that nango cannot complete a flow; look for a proxy that encodes \
                    it again";
        return finding(Verdict::Failed, text.to_owned());
    }
    if Url::parse(&expected).is_ok_and(|expected| is_near(&expected)) && !is_near(app) {
        let text = format!(
            "redirects to {expected}, which browsers outside this network do not reach, while the app's own address is \
             public; set NANGO_PUBLIC_SERVER_URL to Nango's address for browsers"
        );
        return finding(Verdict::Warning, text);
    }
    finding(Verdict::Ok, format!("308 to {expected}, with the query kept"))
}

/// Returns `true` for the page that a guarded callback has for a browser which has begun no attempt.
fn is_guarded(reply: &Response) -> bool {
    let header = |name| reply.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    reply.status() == StatusCode::FORBIDDEN
        && header(CONTENT_TYPE).starts_with("text/html")
        && header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'")
}

/// Checks that the cookie which the token routes set reaches the callback: it is of one host, whatever the
/// port, and with https of https alone.
fn check_guarded(app: &Url, callback: &Url) -> Finding {
    let place = |url: &Url| format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    let (token_routes, callback) = (place(app), place(callback));
    if token_routes != callback {
        let text = format!(
            "guarded, and on {callback}, while the token routes are on {token_routes}: browsers do not send it the cookie that \
             those set, so that every connect is refused; mount both on one host, and set its address in Nango's Environment \
             settings and in `.guard_callback(..)`"
        );
        return Finding::new("callback", Verdict::Failed, text);
    }
    let text = "guarded, on the host of the token routes: a browser that has begun no attempt is refused with 403; the \
                redirect of others is not checked";
    Finding::new("callback", Verdict::Ok, text)
}

/// Returns `true` for addresses of this machine or of a private network, and names without a dot.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        None => false,
    }
}

/// Compares two addresses, and takes all names of this machine for one.
fn is_same_address(one: &str, other: &str) -> bool {
    let normal = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        if is_loopback {
            url.set_host(Some("localhost")).ok()?;
        }
        Some(url)
    };
    normal(one).is_some_and(|one| normal(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_other_networks_do_not_reach() {
        let is_near = |url: &str| is_near(&Url::parse(url).unwrap());
        for url in [
            "http://nango-server:3003/oauth/callback",
            "http://localhost",
            "http://10.1.2.3",
            "http://[fc00::1]",
        ] {
            assert!(is_near(url), "{url}");
        }
        for url in ["https://nango.example.com", "http://8.8.8.8", "https://[2001:db8::1]/nango"] {
            assert!(!is_near(url), "{url}");
        }
    }
}

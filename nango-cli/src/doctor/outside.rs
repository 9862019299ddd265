//! The app's routes, called as a browser and Nango would call them.

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use nango_core::{BoxError, Nango, SIGNATURE_HEADER, Verdict};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use url::{Host, Url};

use crate::clock;
use crate::output::Finding;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A query that a server which decodes and encodes it again would change.
const QUERY: &str = "state=nango-rs%20doctor&code=a+b%2Fc&empty=";

/// A delivery that means nothing: the app notes that it does not know its type.
const DELIVERY: &str = r#"{"from":"nango-rs","type":"doctor"}"#;

/// Checks the routes that are mounted at this URL.
pub(crate) async fn check(app: &Url, nango: &Nango) -> Result<Vec<Finding>, BoxError> {
    let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()?;
    let route = |path: &str| format!("{}/{path}", app.as_str().trim_end_matches('/'));
    let mut findings = Vec::new();

    let callback = client.get(format!("{}?{QUERY}", route("oauth-callback")));
    let callback = send(callback).await;
    if let Ok(reply) = &callback {
        findings.push(clock::check(reply.headers()));
    }
    findings.push(check_callback(callback, nango, app));

    let post = |body: &'static str| {
        client.post(route("webhook")).header(CONTENT_TYPE, "application/json").body(body)
    };
    findings.push(check_unsigned(send(post(DELIVERY)).await));
    let signature = nango.signing_keys().sign(DELIVERY.as_bytes());
    findings.push(check_signed(send(post(DELIVERY).header(SIGNATURE_HEADER, signature)).await));
    Ok(findings)
}

/// Sends a request. The error says why it failed, without the URL's query.
async fn send(request: RequestBuilder) -> Result<Response, String> {
    request.send().await.map_err(|error| {
        let reason = if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the response is not HTTP, or breaks off"
        };
        format!("the app cannot be reached: {reason}; check --app, and whether the app runs")
    })
}

fn check_callback(reply: Result<Response, String>, nango: &Nango, app: &Url) -> Finding {
    let finding = |verdict, text: String| Finding::new("callback", verdict, text);
    let reply = match reply {
        Ok(reply) => reply,
        Err(text) => return finding(Verdict::Failed, text),
    };
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

fn check_unsigned(reply: Result<Response, String>) -> Finding {
    let finding = |verdict, text: String| Finding::new("webhook_unsigned", verdict, text);
    match reply {
        Err(text) => finding(Verdict::Failed, text),
        Ok(reply) if reply.status() == StatusCode::UNAUTHORIZED => {
            finding(Verdict::Ok, "a delivery without a signature is refused with 401".to_owned())
        }
        Ok(reply) => finding(Verdict::Failed, format!("{}, and not 401; {MOUNTED}", status(&reply))),
    }
}

fn check_signed(reply: Result<Response, String>) -> Finding {
    let finding = |verdict, text: String| Finding::new("webhook_signed", verdict, text);
    match reply {
        Err(text) => finding(Verdict::Failed, text),
        Ok(reply) if reply.status() == StatusCode::OK => {
            finding(Verdict::Ok, "the app has the same webhook signing key as this machine".to_owned())
        }
        Ok(reply) if reply.status() == StatusCode::UNAUTHORIZED => finding(
            Verdict::Failed,
            "the app has another webhook signing key than this machine; compare NANGO_WEBHOOK_SIGNING_KEY of both with \
             Nango's Environment settings"
                .to_owned(),
        ),
        Ok(reply) => finding(Verdict::Failed, format!("{}, and not 200; {MOUNTED}", status(&reply))),
    }
}

const MOUNTED: &str = "check --app, which is the address that the routes are mounted at";

fn status(reply: &Response) -> String {
    format!("the app replies with {}", reply.status().as_u16())
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

//! The app's routes, called as a browser and Nango would call them.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use nango_core::{BoxError, Nango, SIGNATURE_HEADER, Verdict};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use url::Url;

use super::callback;
use super::reply::{MOUNTED, status};
use crate::clock;
use crate::output::Finding;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A delivery that means nothing: the app notes that it does not know its type.
const DELIVERY: &str = r#"{"from":"nango-rs","type":"doctor"}"#;

/// Checks the routes that are mounted at this URL, and the callback, which may be elsewhere.
pub(crate) async fn check(
    app: &Url,
    at_providers: Option<&Url>,
    nango: &Nango,
) -> Result<Vec<Finding>, BoxError> {
    let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()?;
    let route = |path: &str| format!("{}/{path}", app.as_str().trim_end_matches('/'));
    let mut findings = Vec::new();

    let callback = match at_providers {
        Some(url) => url.clone(),
        None => Url::parse(&route("oauth-callback"))?,
    };
    let reply = send(client.get(callback::with_query(&callback))).await;
    if let Ok(reply) = &reply {
        findings.push(clock::check(reply.headers()));
    }
    findings.push(callback::check(reply, nango, app, &callback));

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

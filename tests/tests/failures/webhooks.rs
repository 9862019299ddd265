//! Deliveries that are refused.

use nango_tests::{http, send, sign};
use reqwest::header::HeaderMap;

use crate::Failures;

const BODY: &str = r#"{"from":"nango","type":"auth"}"#;

#[tokio::test]
async fn a_delivery_is_refused_with_its_reason() {
    let (app, failures) = Failures::app(|builder| builder).await;
    let right = sign(&app.emulator.signing_key(), BODY);
    let wrong = sign("another key", BODY);
    let deliveries: [(&[(&str, &str)], &str); 5] = [
        (
            &[],
            "it has no x-nango-hmac-sha256 header; if nango sent it, look for what removes headers on the way",
        ),
        (
            &[("x-nango-signature", "c0ffee")],
            "it has only the legacy x-nango-signature header, which proves nothing; update the Nango server to one of December \
             2025 or later",
        ),
        (
            &[("x-nango-hmac-sha256", "c0ffee")],
            "its x-nango-hmac-sha256 header is not 64 hex digits; nango sends no such header, so look for what changes it on \
             the way",
        ),
        (
            &[("x-nango-hmac-sha256", &right), ("x-nango-hmac-sha256", &right)],
            "it has several x-nango-hmac-sha256 headers, and nothing decides between them; look for what adds one on the way",
        ),
        (
            &[("x-nango-hmac-sha256", &wrong)],
            "its signature is not of one of the webhook signing keys; compare NANGO_WEBHOOK_SIGNING_KEY with the webhook \
             signing key (not the API key) in Nango's Environment settings",
        ),
    ];
    for (number, (headers, reason)) in deliveries.into_iter().enumerate() {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let reply =
            send(http().post(format!("{}/nango/webhook", app.url)).headers(map).body(BODY)).await.unwrap();
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_signature"));
        assert_eq!(failures.take(&app), [format!("webhook_refused: a webhook was refused: {reason}")]);
        assert_eq!(app.nango.counters().refused, number as u64 + 1);
    }
}

#[tokio::test]
async fn a_delivery_to_a_path_with_a_slash_at_its_end() {
    let (app, failures) = Failures::app(|builder| builder).await;
    let signature = sign(&app.emulator.signing_key(), BODY);
    let post = http().post(format!("{}/nango/webhook/", app.url)).header("x-nango-hmac-sha256", signature);
    let reply = send(post.body(BODY)).await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    assert_eq!(
        failures.take(&app),
        [
            "webhook_misdirected: a webhook was posted to `/webhook/`; enter the webhook URL in Nango's Environment settings \
          without the slash at its end"
        ]
    );
    assert_eq!(app.nango.counters().deliveries, 0);
}

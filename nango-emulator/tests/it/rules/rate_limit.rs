use nango_emulator::{DEV_READ_KEY, Emulator};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{emulator, import, request, with};
use crate::support::http;

const NAMES: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

fn number(answer: &Response, name: &str) -> Option<u64> {
    Some(answer.headers().get(name)?.to_str().unwrap().parse().unwrap())
}

/// Returns status, limit and remaining requests.
async fn seen(asked: RequestBuilder) -> (u16, Option<u64>, Option<u64>) {
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), number(&answer, NAMES[0]), number(&answer, NAMES[1]))
}

fn with_token(nango: &Emulator, path: &str, token: &str) -> RequestBuilder {
    http().get(format!("{}{path}", nango.local_url())).header("authorization", token)
}

#[tokio::test]
async fn authenticated_replies_describe_the_limit_by_default() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let get = |path: &str| request(&nango, Method::GET, path);
    let odd = with(request(&nango, Method::POST, "/connect/sessions"), &json!({}));
    let proxied = get("/proxy/x").header("connection-id", "c").header("provider-config-key", "openai");
    let scoped = with_token(&nango, "/integrations", DEV_READ_KEY);
    for (asked, status) in [
        (get("/connections"), 200),
        (get("/connections/none?provider_config_key=openai"), 404),
        (odd, 400),
        (scoped, 403),
        (proxied, 200),
        (get("/v1/x"), 400),
    ] {
        let answer = asked.send().await.unwrap();
        let found = NAMES.map(|name| number(&answer, name).is_some());
        assert_eq!((answer.status().as_u16(), found), (status, [true; 3]), "{}", answer.url());
        assert_eq!(number(&answer, NAMES[0]), Some(200));
        let now = jiff::Timestamp::now().as_second().cast_unsigned();
        let left = number(&answer, NAMES[2]).unwrap().saturating_sub(now);
        assert!((1..=60).contains(&left), "the window ends in {left} seconds");
    }
}

#[tokio::test]
async fn keys_and_sessions_have_buckets_of_their_own() {
    let nango = emulator().await;
    let token = nango.create_session(&[]);
    for left in [199, 198] {
        assert_eq!(seen(request(&nango, Method::GET, "/connections")).await, (200, Some(200), Some(left)));
        let of_session = seen(with_token(&nango, "/connect/session", &token)).await;
        assert_eq!(of_session, (200, Some(200), Some(left)));
    }
}

#[tokio::test]
async fn replies_without_authentication_have_no_headers_of_a_limit() {
    let nango = emulator().await;
    let url = |path: &str| format!("{}{path}", nango.local_url());
    let unknown = "11111111-2222-4333-8444-555555555555";
    for (asked, status) in [
        (http().get(url("/connections")), 401),
        (http().get(url("/connections")).header("authorization", unknown), 401),
        (http().get(url("/connect/session")).header("authorization", "nope"), 401),
        (http().post(url("/connections")).header("content-type", "text/plain").body("x"), 415),
        (http().get(url("/health")), 200),
        (http().get(url("/oauth/callback")), 400),
        (request(&nango, Method::POST, "/nope"), 404),
        (http().get(url("/_emulator/clock")), 200),
    ] {
        let (got, limit, left) = seen(asked).await;
        assert_eq!((got, limit, left), (status, None, None));
    }
}

/// A refusal needs a configured limit. Without one, at least half of it stays, so that no client
/// that slows down near the limit does so here.
#[tokio::test]
async fn only_a_configured_limit_refuses() {
    let nango = emulator().await;
    let client = http();
    let url = format!("{}/connections?limit=1", nango.local_url());
    let mut last = None;
    for _ in 0..230 {
        let answer = client.get(&url).header("authorization", nango.secret_key()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        last = number(&answer, NAMES[1]);
    }
    assert_eq!(last, Some(100));

    let nango = Emulator::builder().rate_limit(2_u32).start().await.unwrap();
    for left in [1, 0] {
        assert_eq!(seen(request(&nango, Method::GET, "/connections")).await, (200, Some(2), Some(left)));
    }
    let answer = request(&nango, Method::GET, "/connections").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), number(&answer, NAMES[1])), (429, Some(0)));
    assert!((50..=60).contains(&number(&answer, "retry-after").unwrap()));
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let error = json!({ "code": "too_many_request", "method": "GET", "path": "/connections" });
    assert_eq!(body, json!({ "error": error }));
    let token = nango.create_session(&[]);
    let of_session = seen(with_token(&nango, "/connect/session", &token)).await;
    assert_eq!(of_session, (200, Some(2), Some(1)));
}

/// Webhooks of providers have a limit for each integration, which Nango does not enforce by default.
#[tokio::test]
async fn incoming_webhooks_have_a_limit_of_their_own() {
    let nango = Emulator::builder().rate_limit(1_u32).start().await.unwrap();
    let environment = "d0c5ec2e-0000-4000-8000-00000000e001";
    let post = |environment: &str, integration: &str| {
        http().post(format!("{}/webhook/{environment}/{integration}", nango.local_url()))
    };
    for (environment, integration, expected) in [
        (environment, "slack", (204, Some(4000), Some(3999))),
        (environment, "slack", (204, Some(4000), Some(3998))),
        (environment, "none", (404, Some(4000), Some(3999))),
        ("11111111-2222-4333-8444-555555555555", "slack", (404, Some(4000), Some(3999))),
        ("zzz", "slack", (400, None, None)),
    ] {
        assert_eq!(seen(post(environment, integration)).await, expected, "{environment} {integration}");
    }
}

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{emulator, import, request, say, slack};
use crate::support::call;
use nango_emulator::{Credentials, Emulator};

fn ask(nango: &Emulator, method: Method, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
    headers.iter().fold(request(nango, method, path), |request, (name, value)| request.header(*name, *value))
}

#[tokio::test]
async fn proxy_headers_are_validated() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let good = [("connection-id", "c"), ("provider-config-key", "openai")];
    for (more, said) in [
        (&[][..], "200"),
        (&[("retries", "x")], "400 invalid_headers invalid_type@retries"),
        (&[("base-url-override", "nope")], "400 invalid_headers invalid_union@base-url-override"),
        (&[("base-url-override", "")], "200"),
        (&[("base-url-override", "http://10.0.0.1")], "400 base_url_override_not_allowed"),
        (&[("decompress", "yes")], "400 invalid_headers invalid_value@decompress"),
        (&[("retry-on", "404,500")], "200"),
        (&[("retry-on", "404, 500")], "400 invalid_headers invalid_format@retry-on"),
        (
            &[("forward-headers-on-redirect", "x")],
            "400 invalid_headers invalid_value@forward-headers-on-redirect",
        ),
        (
            &[("nango-is-sync", "1"), ("nango-is-dry-run", "1")],
            "400 invalid_headers invalid_value@nango-is-sync invalid_value@nango-is-dry-run",
        ),
    ] {
        let asked = ask(&nango, Method::GET, "/proxy/x", &[&good, more].concat());
        assert_eq!(say(asked).await, said, "{more:?}");
    }
    let none = ask(&nango, Method::GET, "/proxy/x", &[]);
    assert_eq!(
        say(none).await,
        "400 invalid_headers invalid_type@provider-config-key invalid_type@connection-id"
    );
    let odd =
        ask(&nango, Method::GET, "/proxy/x", &[("connection-id", "a<b"), ("provider-config-key", "a/b")]);
    assert_eq!(
        say(odd).await,
        "400 invalid_headers invalid_format@provider-config-key invalid_format@connection-id"
    );
}

#[tokio::test]
async fn denied_base_url_is_refused_before_any_lookup() {
    let nango = emulator().await;
    let of = |id: &'static str, integration: &'static str| {
        [("connection-id", id), ("provider-config-key", integration)]
    };
    let denied = [("base-url-override", "http://169.254.169.254")];
    let asked = ask(&nango, Method::GET, "/proxy/x", &[&of("none", "none")[..], &denied].concat());
    assert_eq!(say(asked).await, "400 base_url_override_not_allowed");
    assert_eq!(
        say(ask(&nango, Method::GET, "/proxy/x", &of("none", "none"))).await,
        "404 unknown_provider_config"
    );
    assert_eq!(say(ask(&nango, Method::GET, "/proxy/x", &of("none", "openai"))).await, "400 server_error");
}

#[tokio::test]
async fn provider_without_a_base_url_has_no_proxy() {
    let nango = Emulator::builder().integrations(["unauthenticated"]).start().await.unwrap();
    let made = nango.connect(&nango.create_session(&[]), "unauthenticated", Credentials::none()).await;
    // The emulator stands in for providers of configured integrations, so this one is created by a
    // call.
    assert!(made.is_ok());
    let body = json!({ "provider": "unauthenticated", "unique_key": "plain" });
    assert_eq!(call(&nango, Method::POST, "/integrations", Some(body)).await.0, 200);
    let made = nango.connect(&nango.create_session(&[]), "plain", Credentials::none()).await.unwrap();
    let headers = [("connection-id", made.connection_id.as_str()), ("provider-config-key", "plain")];
    assert_eq!(say(ask(&nango, Method::GET, "/proxy/x", &headers)).await, "400 unsupported_provider");
}

async fn echo(asked: RequestBuilder) -> Value {
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn proxy_preserves_method_path_and_query() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    let headers = [
        ("connection-id", id.as_str()),
        ("provider-config-key", "slack"),
        ("nango-proxy-x-mine", "yes"),
        ("x-not", "no"),
    ];
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let seen = echo(ask(&nango, method.clone(), "/proxy/a%20b/c?q=1&q=2&x=%2F", &headers)).await;
        assert_eq!(
            (&seen["method"], &seen["url"]),
            (&json!(method.as_str()), &json!("/a%20b/c?q=1&q=2&x=%2F"))
        );
        assert_eq!(seen["headers"]["x-mine"], "yes");
        assert!(seen["headers"].get("x-not").is_none());
        assert!(seen["headers"]["user-agent"].as_str().unwrap().starts_with("axios/"));
    }
    let head = ask(&nango, Method::HEAD, "/proxy/x", &headers).send().await.unwrap();
    assert_eq!(head.status(), 200);
    let declared: usize = head.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert!(declared > 0, "the length of the body of a GET");
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn proxied_bodies_are_converted() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    let headers = [("connection-id", id.as_str()), ("provider-config-key", "slack")];
    for (kind, body, sent_kind, sent) in [
        ("application/json", r#"{"a": 1}"#, "application/json", r#"{"a":1}"#),
        (
            "application/x-www-form-urlencoded",
            "a=1&b[c]=2&d=x&d=y",
            "application/json",
            r#"{"a":"1","b":{"c":"2"},"d":["x","y"]}"#,
        ),
        ("text/plain", "hello", "application/x-www-form-urlencoded", "hello"),
    ] {
        let asked = ask(&nango, Method::POST, "/proxy/x", &headers).header("content-type", kind).body(body);
        let seen = echo(asked).await;
        assert_eq!((&seen["headers"]["content-type"], &seen["body"]), (&json!(sent_kind), &json!(sent)));
    }
}

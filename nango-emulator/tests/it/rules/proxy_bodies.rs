use nango_emulator::Emulator;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{emulator, provider, request, slack};
use crate::support::call;

/// Returns the request as the emulated provider saw it.
async fn echo(nango: &Emulator, id: &str, asked: RequestBuilder) -> Value {
    let asked = asked.header("connection-id", id).header("provider-config-key", "slack");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", nango.url());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn sent(seen: &Value) -> (Option<&str>, Option<&str>, &str) {
    let header = |name: &str| seen["headers"].get(name).and_then(Value::as_str);
    (header("content-type"), header("content-length"), seen["body"].as_str().unwrap())
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Nango parses and serializes bodies, as JavaScript does both.
#[tokio::test]
async fn json_is_serialized_anew() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    for (body, out) in [
        ("{ \"b\" : 1,\n \"a\" : [ ] }", r#"{"b":1,"a":[]}"#),
        (r#"{"b":1.0,"2":1e2,"1":-0.0,"a":0.1}"#, r#"{"1":0,"2":100,"b":1,"a":0.1}"#),
        (r#"{"a":1e21,"b":1e-7,"c":1e20}"#, r#"{"a":1e+21,"b":1e-7,"c":100000000000000000000}"#),
        (
            r#"{"a":12345678901234567890,"b":9007199254740993}"#,
            r#"{"a":12345678901234567000,"b":9007199254740992}"#,
        ),
        (r#"{"a":"\u00e9\/","a":"x"}"#, r#"{"a":"x"}"#),
        (r#"[ {"é": null} ]"#, r#"[{"é":null}]"#),
        ("", "{}"),
    ] {
        let asked = request(&nango, Method::POST, "/proxy/x").header("content-type", JSON).body(body);
        let seen = echo(&nango, &id, asked).await;
        let length = out.len().to_string();
        assert_eq!(sent(&seen), (Some(JSON), Some(&*length), out), "{body}");
    }
}

#[tokio::test]
async fn bodies_have_the_types_of_nangos_client() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    for (method, kind, body, expected) in [
        (Method::POST, None, "", (Some(FORM), Some("0"), "")),
        (Method::PUT, None, "", (Some(FORM), Some("0"), "")),
        (Method::PATCH, None, "", (Some(FORM), Some("0"), "")),
        (Method::DELETE, None, "", (None, None, "")),
        (Method::GET, None, "", (None, None, "")),
        (Method::POST, Some("text/plain"), "hello", (Some(FORM), Some("5"), "hello")),
        (Method::DELETE, Some("text/plain"), "hello", (None, Some("5"), "hello")),
        (Method::DELETE, Some(JSON), "{}", (Some(JSON), Some("2"), "{}")),
        (Method::POST, Some(FORM), "b=1&2=x", (Some(JSON), Some("17"), r#"{"2":"x","b":"1"}"#)),
        // Nango sends no body with a GET.
        (Method::GET, Some(JSON), r#"{"a":1}"#, (None, None, "")),
    ] {
        let mut asked = request(&nango, method.clone(), "/proxy/x");
        if let Some(kind) = kind {
            asked = asked.header("content-type", kind);
        }
        let asked = if body.is_empty() { asked } else { asked.body(body) };
        let seen = echo(&nango, &id, asked).await;
        assert_eq!(sent(&seen), expected, "{method} {kind:?} {body}");
    }
}

/// The base URL and the path are joined by one slash, and by none if there is no path.
#[tokio::test]
async fn root_of_the_provider_has_no_slash_of_its_own() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    for (path, url) in [
        ("/proxy/", ""),
        ("/proxy", ""),
        ("/proxy/?q=1", "/?q=1"),
        ("/proxy//", ""),
        ("/proxy/x", "/x"),
        ("/proxy/x/", "/x/"),
        ("/proxy//x", "/x"),
    ] {
        let seen = echo(&nango, &id, request(&nango, Method::GET, path)).await;
        assert_eq!(seen["url"], url, "{path}");
    }
}

/// Headers of the provider replace those of Nango.
#[tokio::test]
async fn rate_limit_of_a_provider_replaces_that_of_nango() {
    use axum::Router;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(|| async { ([("x-ratelimit-limit", "7")], "{}") });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let nango = emulator().await;
    let id = slack(&nango).await;
    let plain = provider(200, "{}").await;
    for (base, limit) in [(url, "7"), (plain, "200")] {
        let asked = request(&nango, Method::GET, "/proxy/x").header("base-url-override", base);
        let asked = asked.header("connection-id", &id).header("provider-config-key", "slack");
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.headers()["x-ratelimit-limit"], limit);
        assert!(answer.headers().contains_key("x-ratelimit-remaining"));
    }
    assert_eq!(call(&nango, Method::GET, "/connections", None).await.0, 200);
}

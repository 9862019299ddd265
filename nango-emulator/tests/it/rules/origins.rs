use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::json;

use super::{emulator, request, with};
use crate::support::http;

#[tokio::test]
async fn all_origins_are_allowed_with_a_key_of_ones_own() {
    let key = "5a8c1f0e-7c1b-4f0e-9d59-2f6b8a3c4d5e";
    let nango = Emulator::builder().secret_key(key).start().await.unwrap();
    let url = |path: &str| format!("{}{path}", nango.local_url());
    let preflight =
        http().request(Method::OPTIONS, url("/connections")).header("origin", "https://app.example");
    let preflight = preflight.header("access-control-request-method", "GET").send().await.unwrap();
    assert_eq!(preflight.status(), 204);
    let headers = preflight.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert_eq!(headers["access-control-max-age"], "600");
    let refused =
        http().get(url("/connections")).header("origin", "https://app.example").send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["access-control-allow-origin"]),
        (401, &"*".parse().unwrap())
    );
}

#[tokio::test]
async fn telemetry_allows_only_the_connect_ui_origin() {
    let nango = Emulator::builder().public_url("https://connect.example/sub").start().await.unwrap();
    let url = format!("{}/connect/telemetry", nango.local_url());
    for (method, status) in [(Method::OPTIONS, 204), (Method::POST, 401)] {
        for origin in [Some("https://evil.example"), Some("https://connect.example"), None] {
            let asked = http().request(method.clone(), &url).header("access-control-request-headers", "x");
            let asked = origin.into_iter().fold(asked, |asked, origin| asked.header("origin", origin));
            let answer = asked.send().await.unwrap();
            let headers = answer.headers();
            assert_eq!(answer.status(), status);
            assert_eq!(headers["access-control-allow-origin"], "https://connect.example");
            assert_eq!(headers["access-control-allow-credentials"], "true");
            assert!(headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{headers:?}");
        }
    }
}

#[tokio::test]
async fn early_replies_allow_no_origin() {
    let nango = emulator().await;
    let url = |path: &str| format!("{}{path}", nango.local_url());
    let broken = with(request(&nango, Method::POST, "/connect/sessions"), &json!({})).body("{");
    for asked in [http().get(url("/health")), broken] {
        let answer = asked.header("origin", "https://app.example").send().await.unwrap();
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{}", answer.status());
    }
}

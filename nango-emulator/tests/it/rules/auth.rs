use nango_emulator::{DEV_READ_KEY, DEV_SESSIONS_KEY};
use reqwest::Method;
use serde_json::json;

use super::{emulator, get, import, request, say, with};
use crate::support::http;

async fn with_header(value: &str) -> String {
    let nango = emulator().await;
    let url = format!("{}/connections", nango.local_url());
    say(http().get(url).header("authorization", value.replace("KEY", nango.secret_key()))).await
}

#[tokio::test]
async fn empty_authorization_header_counts_as_missing() {
    assert_eq!(with_header("").await, "401 missing_auth_header");
}

#[tokio::test]
async fn bearer_prefix_is_optional_and_case_sensitive() {
    for (value, said) in [
        ("KEY", "200"),
        ("Bearer KEY", "200"),
        ("Basic x Bearer KEY", "200"),
        ("bearer KEY", "401 invalid_secret_key_format"),
        ("Bearer ", "401 invalid_secret_key_format"),
        ("Bearer KEYa", "401 invalid_secret_key_format"),
        ("Bearer 11111111-2222-1333-8444-555555555555", "401 invalid_secret_key_format"),
        ("Bearer 11111111-2222-4333-0444-555555555555", "401 invalid_secret_key_format"),
        ("Bearer 11111111-2222-4333-c444-555555555555", "401 invalid_secret_key_format"),
        ("Bearer 11111111-2222-4333-8444-555555555555", "401 unknown_account"),
    ] {
        assert_eq!(with_header(value).await, said, "{value}");
    }
}

#[tokio::test]
async fn session_token_authenticates_four_endpoints_only() {
    let nango = emulator().await;
    let token = format!("Bearer {}", nango.create_session(&[]));
    for (method, path, said) in [
        (Method::GET, "/connect/session", "200"),
        (Method::GET, "/integrations", "200"),
        (Method::GET, "/providers", "200"),
        (Method::GET, "/providers/slack", "200"),
        (Method::GET, "/integrations/slack", "401 invalid_secret_key_format"),
        (Method::GET, "/connections", "401 invalid_secret_key_format"),
        (Method::POST, "/connect/sessions", "401 invalid_secret_key_format"),
        (Method::GET, "/proxy/x", "401 invalid_secret_key_format"),
        (Method::GET, "/v1/x", "401 invalid_secret_key_format"),
        (Method::DELETE, "/connect/session", "204"),
        (Method::GET, "/connect/session", "401 unknown_connect_session_token"),
        (Method::GET, "/integrations", "401 unknown_connect_session_token"),
    ] {
        let url = format!("{}{path}", nango.local_url());
        let asked = http().request(method, url).header("authorization", &token);
        assert_eq!(say(asked).await, said, "{path}");
    }
}

#[tokio::test]
async fn api_key_is_not_a_session_token() {
    let nango = emulator().await;
    assert_eq!(get(&nango, "/connect/session").await, "401 invalid_connect_session_token_format");
}

#[tokio::test]
async fn authentication_precedes_validation() {
    let nango = emulator().await;
    for (method, path) in [
        (Method::GET, "/connections?foo=1"),
        (Method::POST, "/connections"),
        (Method::GET, "/connections/a%3Cb"),
        (Method::DELETE, "/connections/x"),
        (Method::POST, "/connections/metadata"),
        (Method::POST, "/connect/sessions?foo=1"),
        (Method::POST, "/connect/sessions/reconnect"),
        (Method::POST, "/integrations"),
        (Method::PATCH, "/integrations/none"),
        (Method::GET, "/providers/none?foo=1"),
        (Method::GET, "/records"),
        (Method::POST, "/sync/trigger"),
        (Method::POST, "/action/trigger"),
        (Method::GET, "/action/zzz"),
        (Method::GET, "/proxy/x"),
        (Method::GET, "/environment-variables"),
        (Method::GET, "/scripts/config"),
        (Method::GET, "/v1/x"),
        (Method::POST, "/functions/invocations"),
    ] {
        let url = format!("{}{path}", nango.local_url());
        assert_eq!(say(http().request(method, url)).await, "401 missing_auth_header", "{path}");
    }
}

#[tokio::test]
async fn scope_is_checked_before_the_request() {
    let nango = emulator().await;
    for (method, path) in [
        (Method::GET, "/connections?foo=1"),
        (Method::POST, "/connections"),
        (Method::GET, "/records"),
        (Method::GET, "/proxy/x"),
        (Method::PATCH, "/integrations/none"),
        (Method::GET, "/environment-variables?foo=1"),
    ] {
        let asked = http()
            .request(method, format!("{}{path}", nango.local_url()))
            .header("authorization", DEV_SESSIONS_KEY);
        assert_eq!(say(asked).await, "403 forbidden", "{path}");
    }
}

#[tokio::test]
async fn development_keys_have_their_scopes() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let c = "/connections/c?provider_config_key=openai";
    for (key, method, path, said) in [
        (DEV_READ_KEY, Method::GET, "/connections", "200"),
        (DEV_READ_KEY, Method::GET, c, "200"),
        (
            DEV_READ_KEY,
            Method::GET,
            "/connections/c?provider_config_key=openai&refresh_token=1",
            "403 forbidden",
        ),
        (DEV_READ_KEY, Method::DELETE, c, "403 forbidden"),
        (DEV_READ_KEY, Method::POST, "/connect/sessions", "403 forbidden"),
        (DEV_SESSIONS_KEY, Method::POST, "/connect/sessions", "201"),
        (DEV_SESSIONS_KEY, Method::GET, "/connections", "403 forbidden"),
        (DEV_SESSIONS_KEY, Method::GET, c, "403 forbidden"),
    ] {
        let asked = http().request(method.clone(), format!("{}{path}", nango.local_url()));
        let asked = asked.header("authorization", key);
        let asked = if method == Method::POST { with(asked, &json!({ "tags": {} })) } else { asked };
        assert_eq!(say(asked).await, said, "{method} {path}");
    }
}

#[tokio::test]
async fn beacon_authenticates_by_its_body() {
    let nango = emulator().await;
    let token = nango.create_session(&[]);
    let now = "2026-11-23T08:52:54.885Z";
    for (body, said) in [
        (format!(r#"{{"token":"{token}","event":"open","timestamp":"{now}"}}"#), "204"),
        (format!(r#"{{"event":"open","timestamp":"{now}"}}"#), "401 missing_auth_header"),
        (r#"{"token":"x"}"#.into(), "401 invalid_connect_session_token_format"),
        (format!(r#"{{"token":"{token}"}}"#), "400 invalid_body invalid_value@event invalid_type@timestamp"),
        (
            format!(
                r#"{{"token":"{token}","event":"open","timestamp":"{now}","dimensions":{{"integration":"a/b"}},"x":1}}"#
            ),
            "400 invalid_body invalid_format@dimensions.integration unrecognized_keys@",
        ),
    ] {
        let asked = request(&nango, Method::POST, "/connect/telemetry");
        let asked = asked.header("content-type", "application/json").body(body.clone());
        assert_eq!(say(asked).await, said, "{body}");
    }
}

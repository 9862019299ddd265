use reqwest::Method;
use serde_json::json;

use super::{delete, emulator, import, post, request, say, with};
use crate::support::{call, http};

#[tokio::test]
async fn content_type_is_checked_before_authentication() {
    let nango = emulator().await;
    for (method, path, said) in [
        (Method::POST, "/connect/sessions", "415 invalid_content_type"),
        (Method::GET, "/connections", "415 invalid_content_type"),
        (Method::GET, "/connect/session", "415 invalid_content_type"),
        (Method::POST, "/api-auth/api-key/openai", "415 invalid_content_type"),
        (Method::GET, "/oauth/connect/slack", "415 invalid_content_type"),
        (Method::GET, "/v1/x", "415 invalid_content_type"),
        (Method::GET, "/mcp", "415 invalid_content_type"),
        (Method::GET, "/records", "415 invalid_content_type"),
        (Method::PUT, "/connections", "415 invalid_content_type"),
        (Method::POST, "/connections/x/nope", "415 invalid_content_type"),
        (Method::GET, "/integrations/slack/nope", "415 invalid_content_type"),
        (Method::POST, "/oauth/callback", "404"),
        (Method::POST, "/nope", "404"),
        (Method::GET, "/nope", "500 generic_error_support"),
        (Method::GET, "/proxy/x", "401 missing_auth_header"),
        (Method::POST, "/oauth2/auth/openai", "401 missing_public_key"),
        (Method::POST, "/webhook/zzz/openai", "400 invalid_uri_params invalid_format@environmentUuid"),
        (Method::GET, "/oauth/callback", "400"),
    ] {
        let asked = http().request(method, format!("{}{path}", nango.local_url()));
        let asked = asked.header("content-type", "text/plain").body("x");
        assert_eq!(say(asked).await, said, "{path}");
    }
}

#[tokio::test]
async fn malformed_json_is_reported_before_authentication() {
    let nango = emulator().await;
    for body in ["{", "x", "1", "\"text\"", "null", "{\"a\":}"] {
        for path in ["/connections", "/nope", "/connections/x/nope", "/oauth/callback", "/health"] {
            let asked = http().post(format!("{}{path}", nango.local_url()));
            let asked = asked.header("content-type", "application/json").body(body);
            assert_eq!(say(asked).await, "400 invalid_json", "{path} {body}");
        }
    }
}

#[tokio::test]
async fn array_body_is_json_but_not_an_object() {
    let nango = emulator().await;
    for path in ["/connect/sessions", "/connections", "/integrations", "/sync/start", "/connections/metadata"]
    {
        let asked = with(request(&nango, Method::POST, path), &json!([]));
        assert_eq!(say(asked).await, "400 invalid_body invalid_type@", "{path}");
    }
}

#[tokio::test]
async fn body_requires_a_content_type() {
    let nango = emulator().await;
    let asked = request(&nango, Method::POST, "/connections").body(r#"{"a":1}"#);
    assert_eq!(say(asked).await, "400 invalid_body invalid_type@");
}

#[tokio::test]
async fn unknown_routes_get_an_error_page_or_the_dashboard_error() {
    let nango = emulator().await;
    for (method, path, status) in [
        (Method::POST, "/nope", 404),
        (Method::PUT, "/connections", 404),
        (Method::DELETE, "/connections", 404),
        (Method::PATCH, "/connect/session", 404),
        (Method::POST, "/environment-variables", 404),
        (Method::GET, "/nope", 500),
        (Method::GET, "/connect/sessions", 500),
        (Method::GET, "/connections/metadata/x", 500),
    ] {
        let answer = request(&nango, method.clone(), path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let html = answer.headers()["content-type"].to_str().unwrap().starts_with("text/html");
        assert_eq!(html, status == 404, "{path}");
        let body = answer.text().await.unwrap();
        let said = format!("Cannot {method} {path}");
        assert!(if html { body.contains(&said) } else { body.contains("generic_error_support") }, "{body}");
    }
}

#[tokio::test]
async fn exact_path_falls_back_to_the_parameter_route() {
    let nango = emulator().await;
    let of = "provider_config_key=openai";
    for (method, path, said) in [
        (Method::GET, format!("/connections/metadata?{of}"), "404 not_found"),
        (Method::HEAD, format!("/connections/metadata?{of}"), "404"),
        (Method::DELETE, format!("/connections/metadata?{of}"), "400 unknown_connection"),
        (Method::GET, format!("/connection/metadata?{of}"), "404 not_found"),
        (Method::DELETE, format!("/connection/metadata?{of}"), "400 unknown_connection"),
        (Method::GET, "/integrations/quickstart".into(), "404 not_found"),
        (Method::PATCH, "/integrations/quickstart".into(), "404 not_found"),
        (Method::DELETE, "/integrations/quickstart".into(), "404 not_found"),
        (Method::GET, "/action/trigger".into(), "400 invalid_uri_params invalid_format@id"),
        (Method::PUT, "/connections/metadata".into(), "404"),
    ] {
        let asked = request(&nango, method.clone(), &path);
        let asked = if method == Method::PATCH { with(asked, &json!({})) } else { asked };
        assert_eq!(say(asked).await, said, "{method} {path}");
    }
    import(&nango, "metadata").await;
    let path = format!("/connections/metadata?{of}");
    assert_eq!(call(&nango, Method::GET, &path, None).await.1["connection_id"], "metadata");
    assert_eq!(delete(&nango, &path).await, "200");
    let integration = json!({ "provider": "openai", "unique_key": "quickstart" });
    assert_eq!(post(&nango, "/integrations", integration).await, "200");
    let found = call(&nango, Method::GET, "/integrations/quickstart", None).await;
    assert_eq!(found.1["data"]["unique_key"], "quickstart");
}

#[tokio::test]
async fn head_replies_as_get_without_a_body() {
    let nango = emulator().await;
    for (path, status) in [("/health", 200), ("/connections", 200), ("/connections?foo=1", 400)] {
        let answer = request(&nango, Method::HEAD, path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
        assert!(answer.bytes().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn routes_without_query_refuse_any() {
    let nango = emulator().await;
    for (method, path) in [
        (Method::GET, "/integrations?foo=1"),
        (Method::POST, "/integrations?foo=1"),
        (Method::PATCH, "/integrations/slack?foo=1"),
        (Method::DELETE, "/integrations/slack?foo=1"),
        (Method::GET, "/providers/slack?foo=1"),
        (Method::GET, "/environment-variables?foo=1"),
        (Method::POST, "/connections?foo=1"),
        (Method::POST, "/connections/metadata?foo=1"),
        (Method::PATCH, "/connections/metadata?foo=1"),
        (Method::POST, "/connect/sessions?foo=1"),
        (Method::POST, "/connect/sessions/reconnect?foo=1"),
        (Method::POST, "/sync/trigger?foo=1"),
        (Method::PUT, "/sync/update-connection-frequency?foo=1"),
        (Method::PATCH, "/records/prune?foo=1"),
    ] {
        let asked = with(request(&nango, method, path), &json!({}));
        assert_eq!(say(asked).await, "400 invalid_query_params unrecognized_keys@", "{path}");
    }
}

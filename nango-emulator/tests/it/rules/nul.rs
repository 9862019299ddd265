//! U+0000, which Postgres stores in neither text nor JSON.

use reqwest::Method;
use serde_json::{Value, json};

use super::{create, emulator, import, patch, post};
use crate::support::call;

const OPENAI: &str = "?provider_config_key=openai";

#[tokio::test]
async fn patch_with_a_nul_is_an_unhandled_error() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let path = format!("/connections/c{OPENAI}");
    assert_eq!(patch(&nango, &path, json!({ "tags": { "keep": "1" } })).await, "200");
    for body in [json!({ "tags": { "a": "x\0y" } }), json!({ "end_user": { "id": "u\0" } })] {
        let (status, got) = call(&nango, Method::PATCH, &path, Some(body.clone())).await;
        let error = &got["error"];
        assert_eq!((status, &error["code"]), (500, &json!("generic_error_support")), "{body}");
        let id = error["payload"].as_str().unwrap();
        assert!(error["message"].as_str().unwrap().contains(id), "{error}");
    }
    let (_, got) = call(&nango, Method::GET, &path, None).await;
    assert_eq!((&got["tags"], &got["end_user"]), (&json!({ "keep": "1" }), &Value::Null));
    // The connection is looked up first.
    let missing = format!("/connections/none{OPENAI}");
    assert_eq!(patch(&nango, &missing, json!({ "tags": { "a": "\0" } })).await, "404 not_found");
}

#[tokio::test]
async fn patch_to_more_than_ten_tags_is_refused() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let body = json!({ "end_user": { "id": "u" }, "tags": super::many(10) });
    let (status, got) = call(&nango, Method::PATCH, &format!("/connections/c{OPENAI}"), Some(body)).await;
    let message = "Tags cannot contain more than 10 keys";
    let error = json!({ "code": "invalid_body", "message": message });
    assert_eq!((status, got), (400, json!({ "error": error })));
}

#[tokio::test]
async fn other_calls_with_a_nul_store_nothing() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let of = |extra: Value| {
        let mut body = json!({
            "provider_config_key": "openai", "connection_id": "new",
            "credentials": { "type": "API_KEY", "apiKey": "k" },
        });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for extra in [
        json!({ "tags": { "a": "\0" } }),
        json!({ "metadata": { "a": ["\0"] } }),
        json!({ "metadata": { "\0": 1 } }),
        json!({ "connection_config": { "a": "\0" } }),
    ] {
        let said = post(&nango, "/connections", of(extra.clone())).await;
        assert_eq!(said, "500 generic_error_support", "{extra}");
    }
    let missing = call(&nango, Method::GET, &format!("/connections/new{OPENAI}"), None).await;
    assert_eq!(missing.0, 404);
    for method in [Method::POST, Method::PATCH] {
        let body = json!({
            "connection_id": "c", "provider_config_key": "openai", "metadata": { "a": { "b": "\0" } },
        });
        let (status, got) = call(&nango, method, "/connections/metadata", Some(body)).await;
        assert_eq!((status, &got["error"]["code"]), (500, &json!("generic_error_support")));
    }
    let (_, got) = call(&nango, Method::GET, &format!("/connections/c{OPENAI}"), None).await;
    assert_eq!(got["metadata"], json!({}));
    // A session has an error of its own.
    assert_eq!(create(json!({ "tags": { "a": "\0" } })).await, "500 server_error");
}

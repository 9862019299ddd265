use reqwest::Method;
use serde_json::json;

use super::{delete, emulator, get, import, patch};
use crate::support::call;

#[tokio::test]
async fn connection_is_identified_by_id_and_integration() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let long = "x".repeat(256);
    for (path, said) in [
        ("/connections/c?provider_config_key=openai".to_owned(), "200"),
        ("/connections/c".to_owned(), "400 invalid_query_params invalid_type@provider_config_key"),
        (
            "/connections/c?provider_config_key=".to_owned(),
            "400 invalid_query_params invalid_format@provider_config_key",
        ),
        (
            "/connections/c?provider_config_key=a/b".to_owned(),
            "400 invalid_query_params invalid_format@provider_config_key",
        ),
        (
            "/connections/c?provider_config_key=openai&x=1".to_owned(),
            "400 invalid_query_params unrecognized_keys@",
        ),
        (
            "/connections/c?provider_config_key=openai&provider_config_key=b".to_owned(),
            "400 invalid_query_params invalid_type@provider_config_key",
        ),
        (
            "/connections/c?provider_config_key=openai&refresh_token=".to_owned(),
            "400 invalid_query_params invalid_value@refresh_token",
        ),
        (
            "/connections/c?provider_config_key=openai&refresh_token[a]=1".to_owned(),
            "400 invalid_query_params invalid_type@refresh_token",
        ),
        ("/connections/c?provider_config_key=openai&force_refresh=Enabled".to_owned(), "200"),
        ("/connections/c?provider_config_key=openai&refresh_github_app_jwt_token=off".to_owned(), "200"),
        ("/connections/a%3Cb".to_owned(), "400 invalid_query_params invalid_type@provider_config_key"),
        (
            "/connections/a%3Cb?provider_config_key=openai".to_owned(),
            "400 invalid_uri_params invalid_format@connectionId",
        ),
        (
            format!("/connections/{long}?provider_config_key=openai"),
            "400 invalid_uri_params too_big@connectionId",
        ),
        ("/connections/c?provider_config_key=none".to_owned(), "400 unknown_provider_config"),
        ("/connections/c?provider_config_key=slack".to_owned(), "404 not_found"),
        ("/connections/none?provider_config_key=openai".to_owned(), "404 not_found"),
        ("/connection/c?provider_config_key=openai".to_owned(), "200"),
    ] {
        assert_eq!(get(&nango, &path).await, said, "{path}");
    }
}

#[tokio::test]
async fn ids_may_contain_all_characters_of_their_pattern() {
    let nango = emulator().await;
    let id = r#"a,.;:=+~[]|@${}"'\/_ -z"#;
    import(&nango, id).await;
    let encoded = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/connections/{encoded}?provider_config_key=openai");
    let (status, got) = call(&nango, Method::GET, &path, None).await;
    assert_eq!((status, &got["connection_id"]), (200, &json!(id)));
}

#[tokio::test]
async fn patch_replaces_tags_and_sends_no_webhook() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let path = "/connections/c?provider_config_key=openai";
    for (body, said) in [
        (json!({ "tags": null }), "400 invalid_body invalid_type@tags"),
        (json!({ "end_user": null }), "400 invalid_body invalid_type@end_user"),
        (json!({ "organization": { "id": "o" } }), "400 invalid_body unrecognized_keys@"),
        (json!({ "webhook_url_override": null }), "400 invalid_body invalid_union@webhook_url_override"),
        (json!({ "metadata": {} }), "400 invalid_body unrecognized_keys@"),
        (json!({ "tags": { "A": "1" } }), "200"),
    ] {
        assert_eq!(patch(&nango, path, body.clone()).await, said, "{body}");
    }
    let tags = || async { call(&nango, Method::GET, path, None).await.1["tags"].clone() };
    assert_eq!(tags().await, json!({ "a": "1" }));
    let user = json!({ "id": "u", "email": "u@example.com", "tags": { "x": "y" } });
    assert_eq!(patch(&nango, path, json!({ "end_user": user })).await, "200");
    assert_eq!(tags().await, json!({ "x": "y", "end_user_id": "u", "end_user_email": "u@example.com" }));
    assert_eq!(patch(&nango, path, json!({ "end_user": user, "tags": { "X": "z" } })).await, "200");
    assert_eq!(tags().await, json!({ "x": "z", "end_user_id": "u", "end_user_email": "u@example.com" }));
    assert_eq!(patch(&nango, path, json!({ "tags": {} })).await, "200");
    assert_eq!(tags().await, json!({}));
    for (path, said) in [
        ("/connections/c", "400 invalid_query_params invalid_type@provider_config_key"),
        ("/connections/c?provider_config_key=openai&x=1", "400 invalid_query_params unrecognized_keys@"),
        (
            "/connections/a%3Cb?provider_config_key=openai",
            "400 invalid_uri_params invalid_format@connectionId",
        ),
        ("/connections/c?provider_config_key=none", "400 unknown_provider_config"),
        ("/connections/none?provider_config_key=openai", "404 not_found"),
    ] {
        assert_eq!(patch(&nango, path, json!({})).await, said, "{path}");
    }
}

#[tokio::test]
async fn deleting_a_missing_connection_is_a_bad_request() {
    let nango = emulator().await;
    import(&nango, "c").await;
    for (path, said) in [
        ("/connections/a%3Cb", "400 invalid_uri_params invalid_format@connectionId"),
        ("/connections/c", "400 invalid_query_params invalid_type@provider_config_key"),
        ("/connections/c?provider_config_key=openai&x=1", "400 invalid_query_params unrecognized_keys@"),
        ("/connections/c?provider_config_key=none", "400 unknown_connection"),
        ("/connections/c?provider_config_key=slack", "400 unknown_connection"),
        ("/connections/c?provider_config_key=openai", "200"),
        ("/connections/c?provider_config_key=openai", "400 unknown_connection"),
    ] {
        assert_eq!(delete(&nango, path).await, said, "{path}");
    }
}

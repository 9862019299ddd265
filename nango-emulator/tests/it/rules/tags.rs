use nango_emulator::Credentials;
use reqwest::Method;
use serde_json::{Value, json};

use super::{create, emulator, many, request};
use crate::support::call;

#[tokio::test]
async fn tag_keys_and_values() {
    let key64 = "k".repeat(64);
    for (tags, said) in [
        (json!({ key64.clone(): "v" }), "201"),
        (json!({ key64 + "k": "v" }), "400 invalid_body invalid_key@tags."),
        (json!({ "UPPER": "v" }), "201"),
        (json!({ " a": "v" }), "400 invalid_body invalid_key@tags. a"),
        (json!({ "a": "   " }), "201"),
        (json!({ "a": "v".repeat(256) }), "400 invalid_body too_big@tags.a"),
        (json!({ "a": true }), "400 invalid_body invalid_type@tags.a"),
        (json!({ "a": {} }), "400 invalid_body invalid_type@tags.a"),
        (
            // In the order of JavaScript, where numbers come first.
            json!({ "a": "", "1": "v", "b": 2 }),
            "400 invalid_body invalid_key@tags.1 too_small@tags.a invalid_type@tags.b",
        ),
        (json!({ "Foo": "1", "foo": "2" }), "400 invalid_body custom@tags"),
        (json!({ "a": "", "Foo": "1", "foo": "2" }), "400 invalid_body too_small@tags.a custom@tags"),
        (json!({ "1": "v", "Foo": "1", "foo": "2" }), "400 invalid_body invalid_key@tags.1"),
        (json!({ "end_user_email": "a@b" }), "400 invalid_body custom@tags"),
        (json!({ "constructor": "v" }), "400 invalid_body invalid_type@tags"),
        (json!({ "a": "x\u{0}" }), "500 server_error"),
    ] {
        let answer = create(json!({ "tags": tags })).await;
        assert!(answer == said || said.ends_with("tags.") && answer.starts_with(said), "{tags}: {answer}");
    }
}

/// Zod skips the key, so the tag is not stored.
#[tokio::test]
async fn proto_tag_is_dropped() {
    let nango = emulator().await;
    let body = r#"{"tags":{"__proto__":"v","a":"b"}}"#;
    let asked = request(&nango, Method::POST, "/connect/sessions");
    let answer = asked.header("content-type", "application/json").body(body).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let token = answer["data"]["token"].as_str().unwrap();
    let made = nango.connect(token, "openai", Credentials::api_key("k")).await.unwrap();
    let path = format!("/connections/{}?provider_config_key=openai", made.connection_id);
    assert_eq!(call(&nango, Method::GET, &path, None).await.1["tags"], json!({ "a": "b" }));
}

#[tokio::test]
async fn too_many_tags_after_the_generated_ones_are_a_server_error() {
    assert_eq!(create(json!({ "end_user": { "id": "u" }, "tags": many(9) })).await, "201");
    assert_eq!(create(json!({ "end_user": { "id": "u" }, "tags": many(10) })).await, "500 server_error");
    assert_eq!(create(json!({ "end_user": { "id": "u", "tags": many(10) } })).await, "201");
}

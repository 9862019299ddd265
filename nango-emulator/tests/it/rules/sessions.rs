use serde_json::{Value, json};

use super::{create, emulator, get, import, many, post, say, with};

#[tokio::test]
async fn tags_or_an_end_user_are_mandatory() {
    for (body, said) in [
        (json!({ "tags": {} }), "201"),
        (json!({ "end_user": { "id": "u" } }), "201"),
        (json!({}), "400 invalid_body invalid_type@end_user"),
        (json!({ "allowed_integrations": ["slack"] }), "400 invalid_body invalid_type@end_user"),
        (json!({ "foo": 1 }), "400 invalid_body invalid_type@end_user unrecognized_keys@"),
        (json!({ "end_user": null, "tags": {} }), "400 invalid_body invalid_type@end_user"),
        (json!({ "tags": null }), "400 invalid_body invalid_type@tags"),
        (json!({ "tags": [] }), "400 invalid_body invalid_type@tags"),
        (json!({ "tags": "a" }), "400 invalid_body invalid_type@tags"),
    ] {
        assert_eq!(create(body.clone()).await, said, "{body}");
    }
}

#[tokio::test]
async fn end_user_and_organization_are_strict() {
    let long = "x".repeat(256);
    let user = |user: Value| json!({ "end_user": user });
    let both = |organization: Value| json!({ "end_user": { "id": "u" }, "organization": organization });
    for (body, said) in [
        (user(json!({})), "400 invalid_body invalid_type@end_user.id"),
        (user(json!({ "id": "" })), "400 invalid_body too_small@end_user.id"),
        (user(json!({ "id": 1 })), "400 invalid_body invalid_type@end_user.id"),
        (user(json!({ "id": long })), "400 invalid_body too_big@end_user.id"),
        (
            user(json!({ "id": "u", "email": "x" })),
            "400 invalid_body invalid_format@end_user.email too_small@end_user.email",
        ),
        (
            user(json!({ "id": "u", "email": "no-email-at-all" })),
            "400 invalid_body invalid_format@end_user.email",
        ),
        (user(json!({ "id": "u", "email": null })), "400 invalid_body invalid_type@end_user.email"),
        (user(json!({ "id": "u", "display_name": long })), "400 invalid_body too_big@end_user.display_name"),
        (user(json!({ "id": "u", "display_name": "" })), "201"),
        (user(json!({ "id": "u", "tags": { "a": "" } })), "201"),
        (user(json!({ "id": "u", "tags": { "1a": "" } })), "400 invalid_body invalid_key@end_user.tags.1a"),
        (user(json!({ "id": "u", "tags": many(11) })), "400 invalid_body custom@end_user.tags"),
        (user(json!([])), "400 invalid_body invalid_type@end_user"),
        (user(json!({ "id": "u", "x": 1 })), "400 invalid_body unrecognized_keys@end_user"),
        (both(json!({ "id": "" })), "201"),
        (both(json!({})), "400 invalid_body invalid_type@organization.id"),
        (both(json!(null)), "400 invalid_body invalid_type@organization"),
        (both(json!({ "id": "o", "x": 1 })), "400 invalid_body unrecognized_keys@organization"),
        (both(json!({ "id": long })), "400 invalid_body too_big@organization.id"),
        (json!({ "tags": {}, "organization": { "id": "o" } }), "201"),
        (json!({ "tags": {}, "organization": {} }), "400 invalid_body invalid_type@organization.id"),
    ] {
        assert_eq!(create(body.clone()).await, said, "{body}");
    }
}

#[tokio::test]
async fn session_requests_allow_only_an_empty_body() {
    let nango = emulator().await;
    let token = nango.create_session(&[]);
    let ask = |body: Value| {
        let url = format!("{}/connect/session", nango.local_url());
        say(with(crate::support::http().get(url).header("authorization", &token), &body))
    };
    assert_eq!(ask(json!({})).await, "200");
    assert_eq!(ask(json!({ "a": 1 })).await, "400 invalid_body unrecognized_keys@");
    assert_eq!(ask(json!([])).await, "400 invalid_body invalid_type@");
}

#[tokio::test]
async fn reconnect_requires_an_existing_connection() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let ask = |body: Value| post(&nango, "/connect/sessions/reconnect", body);
    let of = |id: &str, integration: &str| json!({ "connection_id": id, "integration_id": integration });
    assert_eq!(ask(of("c", "openai")).await, "201");
    for (body, said) in [
        (of("none", "openai"), "400 invalid_body"),
        (of("c", "slack"), "400 invalid_body"),
        (of("c", "none"), "400 invalid_body"),
        (of("", "openai"), "400 invalid_body invalid_format@connection_id"),
        (of("a<b", "a/b"), "400 invalid_body invalid_format@connection_id invalid_format@integration_id"),
        (
            json!({ "connection_id": 1 }),
            "400 invalid_body invalid_type@connection_id invalid_type@integration_id",
        ),
        (
            json!({ "connection_id": "c", "integration_id": "openai", "tags": { "a": "" } }),
            "400 invalid_body too_small@tags.a",
        ),
        (
            json!({ "connection_id": "c", "integration_id": "openai", "end_user": {} }),
            "400 invalid_body invalid_type@end_user.id",
        ),
        (
            json!({ "connection_id": "none", "integration_id": "openai", "overrides": { "x": {} } }),
            "400 invalid_body",
        ),
        (
            json!({ "connection_id": "c", "integration_id": "openai", "overrides": { "x": {} } }),
            "400 invalid_body custom@overrides.x",
        ),
        (
            json!({ "connection_id": "c", "integration_id": "openai", "overrides": { "openai": { "docs_connect": "https://x.example" } } }),
            "403 forbidden",
        ),
    ] {
        assert_eq!(ask(body.clone()).await, said, "{body}");
    }
    assert_eq!(super::delete(&nango, "/connections/c?provider_config_key=openai").await, "200");
    assert_eq!(ask(of("c", "openai")).await, "400 invalid_body");
    assert_eq!(get(&nango, "/connections/c?provider_config_key=openai").await, "404 not_found");
}

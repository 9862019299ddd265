use reqwest::Method;
use serde_json::{Value, json};

use super::{emulator, import, patch, post, slack};
use crate::support::{call, http};

#[tokio::test]
async fn metadata_is_replaced_or_merged_and_the_request_is_echoed() {
    let nango = emulator().await;
    import(&nango, "c").await;
    import(&nango, "d").await;
    let path = "/connections/metadata";
    let of = |ids: Value, metadata: Value| json!({ "connection_id": ids, "provider_config_key": "openai", "metadata": metadata });
    for (body, said) in [
        (
            json!({}),
            "400 invalid_body invalid_union@connection_id invalid_type@provider_config_key invalid_type@metadata",
        ),
        (of(json!(""), json!({})), "400 invalid_body invalid_union@connection_id"),
        (of(json!([1]), json!({})), "400 invalid_body invalid_union@connection_id"),
        (of(json!("a<b"), json!({})), "400 invalid_body invalid_union@connection_id"),
        (of(json!("c"), json!(null)), "400 invalid_body invalid_type@metadata"),
        (of(json!("c"), json!([])), "400 invalid_body invalid_type@metadata"),
        (
            json!({ "connection_id": "c", "provider_config_key": "", "metadata": {} }),
            "400 invalid_body invalid_format@provider_config_key",
        ),
        (
            json!({ "connection_id": "c", "provider_config_key": "openai", "metadata": {}, "x": 1 }),
            "400 invalid_body unrecognized_keys@",
        ),
        (of(json!("none"), json!({})), "404 unknown_connection"),
        (of(json!(["c", "none"]), json!({ "z": 1 })), "404 unknown_connection"),
        (
            json!({ "connection_id": "c", "provider_config_key": "none", "metadata": {} }),
            "404 unknown_connection",
        ),
    ] {
        assert_eq!(post(&nango, path, body.clone()).await, said, "{body}");
        assert_eq!(patch(&nango, path, body.clone()).await, said, "{body}");
    }
    let both = of(json!(["c", "d"]), json!({ "a": { "x": 1 }, "b": 1 }));
    assert_eq!(call(&nango, Method::POST, path, Some(both.clone())).await, (201, both));
    let merge = of(json!("d"), json!({ "a": { "y": 2 }, "b": null }));
    assert_eq!(call(&nango, Method::PATCH, path, Some(merge.clone())).await, (200, merge));
    let metadata = |id: &'static str| {
        let path = format!("/connections/{id}?provider_config_key=openai");
        let nango = &nango;
        async move { call(nango, Method::GET, &path, None).await.1["metadata"].clone() }
    };
    assert_eq!(metadata("c").await, json!({ "a": { "x": 1 }, "b": 1 }));
    assert_eq!(metadata("d").await, json!({ "a": { "y": 2 }, "b": null }));
}

#[tokio::test]
async fn object_keys_are_in_database_order() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    let body = json!({ "connection_id": id, "provider_config_key": "slack", "metadata": { "zz": 1, "b": { "bb": 1, "a": 2 }, "abc": [] } });
    assert_eq!(post(&nango, "/connections/metadata", body).await, "201");
    let url = format!("{}/connections/{id}?provider_config_key=slack", nango.local_url());
    let answer = http().get(url).header("authorization", nango.secret_key()).send().await.unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.contains(r#""metadata":{"b":{"a":2,"bb":1},"zz":1,"abc":[]}"#), "{text}");
    let order = [
        "id", "connection_id", "provider_config_key", "provider", "errors", "end_user", "tags", "metadata",
        "connection_config", "webhook_url_override", "created_at", "updated_at", "last_fetched_at",
        "credentials",
    ];
    let at: Vec<_> = order.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(at.is_sorted(), "{text}");
}

use std::time::Duration;

use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, emulator, get, import, patch, post};
use crate::support::{call, http, session};

#[tokio::test]
async fn new_integration_is_validated_field_by_field() {
    let nango = emulator().await;
    let of = |extra: Value| {
        let mut body = json!({ "provider": "openai", "unique_key": "k" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let oauth = json!({ "type": "OAUTH2", "client_id": "i", "client_secret": "s" });
    for (body, said) in [
        (json!({}), "400 invalid_body invalid_type@provider invalid_type@unique_key"),
        (of(json!({ "provider": "" })), "400 invalid_body invalid_format@provider"),
        (of(json!({ "provider": "a b" })), "400 invalid_body invalid_format@provider"),
        (of(json!({ "provider": "none" })), "400 invalid_body invalid_string@provider"),
        (of(json!({ "unique_key": "" })), "400 invalid_body invalid_format@unique_key"),
        (of(json!({ "unique_key": "a/b" })), "400 invalid_body invalid_format@unique_key"),
        (of(json!({ "unique_key": "slack" })), "400 invalid_body invalid_string@uniqueKey"),
        (of(json!({ "display_name": "" })), "400 invalid_body too_small@display_name"),
        (of(json!({ "forward_webhooks": "yes" })), "400 invalid_body invalid_type@forward_webhooks"),
        (of(json!({ "custom": { "a": 1 } })), "400 invalid_body invalid_type@custom.a"),
        (of(json!({ "integration_config": [] })), "400 invalid_body invalid_type@integration_config"),
        (of(json!({ "credentials": {} })), "400 invalid_body invalid_union@credentials.type"),
        (of(json!({ "credentials": 1 })), "400 invalid_body invalid_type@credentials"),
        (
            of(json!({ "credentials": { "type": "OAUTH2" } })),
            "400 invalid_body invalid_type@credentials.client_id invalid_type@credentials.client_secret",
        ),
        (of(json!({ "credentials": oauth })), "400 invalid_body"),
        (of(json!({ "provider": "slack" })), "400 invalid_body"),
        (of(json!({ "provider": "slack", "credentials": oauth })), "200"),
    ] {
        assert_eq!(post(&nango, "/integrations", body.clone()).await, said, "{body}");
    }
}

#[tokio::test]
async fn scopes_are_joined_by_commas_without_spaces() {
    let nango = emulator().await;
    let credentials =
        json!({ "type": "OAUTH2", "client_id": "i", "client_secret": "s", "scopes": "a, b ,c" });
    let body = json!({ "provider": "slack", "unique_key": "k", "credentials": credentials });
    assert_eq!(post(&nango, "/integrations", body).await, "200");
    let (_, got) = call(&nango, Method::GET, "/integrations/k?include=credentials", None).await;
    assert_eq!(got["data"]["credentials"]["scopes"], "a,b,c");
    assert_eq!(got["data"]["credentials"]["webhook_secret"], Value::Null);
}

#[tokio::test]
async fn integration_id_of_the_path_is_validated() {
    let nango = emulator().await;
    for (path, said) in [
        ("/integrations/slack", "200"),
        ("/integrations/slack?include=webhook", "200"),
        ("/integrations/slack?include=", "400 invalid_query_params invalid_union@include"),
        ("/integrations/slack?include=webhook&include=x", "400 invalid_query_params invalid_union@include"),
        ("/integrations/slack?x=1", "400 invalid_query_params unrecognized_keys@"),
        ("/integrations/a%2Fb?x=1", "400 invalid_query_params unrecognized_keys@"),
        ("/integrations/a%2Fb", "400 invalid_uri_params invalid_format@uniqueKey"),
        ("/integrations/none", "404 not_found"),
    ] {
        assert_eq!(get(&nango, path).await, said, "{path}");
    }
    assert_eq!(
        delete(&nango, "/integrations/a%2Fb").await,
        "400 invalid_uri_params invalid_format@uniqueKey"
    );
    assert_eq!(delete(&nango, "/integrations/none").await, "404 not_found");
}

#[tokio::test]
async fn patch_validates_the_body_before_the_path() {
    let nango = emulator().await;
    import(&nango, "c").await;
    for (path, body, said) in [
        ("/integrations/a%2Fb", json!({ "x": 1 }), "400 invalid_body unrecognized_keys@"),
        ("/integrations/a%2Fb", json!({}), "400 invalid_uri_params invalid_format@uniqueKey"),
        ("/integrations/none", json!({}), "404 not_found"),
        ("/integrations/slack", json!({}), "200"),
        ("/integrations/slack", json!({ "provider": "openai" }), "400 invalid_body unrecognized_keys@"),
        ("/integrations/slack", json!({ "unique_key": "" }), "400 invalid_body invalid_format@unique_key"),
        ("/integrations/slack", json!({ "custom": { "a": 1 } }), "400 invalid_body invalid_type@custom.a"),
        ("/integrations/slack", json!({ "unique_key": "openai" }), "400 invalid_body"),
        ("/integrations/openai", json!({ "unique_key": "openai" }), "200"),
        ("/integrations/openai", json!({ "unique_key": "renamed" }), "400 invalid_body"),
        ("/integrations/slack", json!({ "unique_key": "renamed" }), "200"),
    ] {
        assert_eq!(patch(&nango, path, body.clone()).await, said, "{path} {body}");
    }
    assert_eq!(get(&nango, "/integrations/slack").await, "404 not_found");
}

#[tokio::test]
async fn provider_name_of_the_path_is_validated() {
    let nango = emulator().await;
    for (path, said) in [
        ("/providers?search=SLA", "200"),
        ("/providers?search=", "400 invalid_query_params invalid_format@search"),
        ("/providers?search=a*b", "400 invalid_query_params invalid_format@search"),
        ("/providers/none", "404 not_found"),
        ("/providers/a%20b", "400 invalid_uri_params invalid_format@provider"),
    ] {
        assert_eq!(get(&nango, path).await, said, "{path}");
    }
    let (_, found) = call(&nango, Method::GET, "/providers?search=SLA", None).await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn deleting_an_integration_deletes_its_connections() {
    let nango = emulator().await;
    import(&nango, "c").await;
    assert_eq!(delete(&nango, "/integrations/openai").await, "200");
    assert_eq!(get(&nango, "/connections/c?provider_config_key=openai").await, "400 unknown_provider_config");
    assert_eq!(
        post(&nango, "/integrations", json!({ "provider": "openai", "unique_key": "openai" })).await,
        "200"
    );
    assert_eq!(get(&nango, "/connections/c?provider_config_key=openai").await, "404 not_found");
}

/// Lists the keys of the integrations that the token sees.
async fn listed(nango: &Emulator, token: &str) -> Vec<String> {
    let asked = http().get(format!("{}/integrations", nango.local_url())).header("authorization", token);
    let body: Value = serde_json::from_slice(&asked.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let keys = body["data"].as_array().unwrap().iter();
    keys.map(|one| one["unique_key"].as_str().unwrap().to_owned()).collect()
}

/// Whatever the order of their keys and of their creation.
#[tokio::test]
async fn integrations_are_listed_by_provider_then_by_time_of_creation() {
    let nango = Emulator::builder().integrations(["slack", "openai", "hubspot"]).start().await.unwrap();
    for (provider, key) in [("openai", "z"), ("freshdesk", "y"), ("openai", "a")] {
        // Two integrations of one millisecond have no order in Nango.
        nango.advance(Duration::from_secs(1));
        let body = json!({ "provider": provider, "unique_key": key });
        assert_eq!(post(&nango, "/integrations", body).await, "200");
    }
    let all = ["y", "hubspot", "openai", "z", "a", "slack"];
    assert_eq!(listed(&nango, nango.secret_key()).await, all);
    assert_eq!(listed(&nango, &nango.create_session(&[])).await, all);
    let some = json!({ "tags": {}, "allowed_integrations": ["slack", "a", "y"] });
    assert_eq!(listed(&nango, &session(&nango, some).await).await, ["y", "a", "slack"]);
    let body = json!({ "unique_key": "renamed" });
    assert_eq!(patch(&nango, "/integrations/z", body).await, "200");
    let renamed = ["y", "hubspot", "openai", "renamed", "a", "slack"];
    assert_eq!(listed(&nango, nango.secret_key()).await, renamed);
}

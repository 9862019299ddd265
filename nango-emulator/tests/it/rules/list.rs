use reqwest::Method;
use serde_json::{Value, json};

use super::{emulator, get, import, slack};
use crate::support::{call, session};
use nango_emulator::{Credentials, Emulator};

async fn ids(nango: &Emulator, query: &str) -> Vec<String> {
    let (status, answer) = call(nango, Method::GET, &format!("/connections?{query}"), None).await;
    assert_eq!(status, 200, "{query}: {answer}");
    let all = answer["connections"].as_array().unwrap();
    all.iter().map(|one| one["connection_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn query_is_strict() {
    let nango = emulator().await;
    let long = "x".repeat(256);
    for (query, said) in [
        ("connectionId=", "400 invalid_query_params too_small@connectionId"),
        (&format!("connectionId={long}"), "400 invalid_query_params too_big@connectionId"),
        ("search=", "400 invalid_query_params too_small@search"),
        (&format!("search={long}"), "400 invalid_query_params too_big@search"),
        ("endUserId=", "400 invalid_query_params too_small@endUserId"),
        ("endUserOrganizationId=", "400 invalid_query_params too_small@endUserOrganizationId"),
        ("integrationId=", "400 invalid_query_params too_small@integrationId"),
        ("integrationId=a&integrationId=b", "400 invalid_query_params invalid_type@integrationId"),
        ("limit=0", "400 invalid_query_params too_small@limit"),
        ("limit=", "400 invalid_query_params too_small@limit"),
        ("limit=2001", "400 invalid_query_params too_big@limit"),
        ("limit=2000&page=0", "200"),
        ("page=x", "400 invalid_query_params invalid_type@page"),
        ("page=-1&limit=x", "400 invalid_query_params invalid_type@limit too_small@page"),
        ("tags[1a]=b", "400 invalid_query_params invalid_key@tags.1a"),
        ("tags[a]=b&tags[a]=c", "400 invalid_query_params invalid_type@tags.a"),
        ("tags[]=b", "400 invalid_query_params invalid_type@tags"),
        ("tags[a]=&foo=1", "400 invalid_query_params too_small@tags.a unrecognized_keys@"),
        ("provider_config_key=openai", "400 invalid_query_params unrecognized_keys@"),
    ] {
        assert_eq!(get(&nango, &format!("/connections?{query}")).await, said, "{query}");
        assert_eq!(get(&nango, &format!("/connection?{query}")).await, said, "{query}");
    }
}

#[tokio::test]
async fn filters_are_exact_except_search() {
    let nango = emulator().await;
    let user = json!({ "id": "eu", "email": "Mail@Example.com", "display_name": "Some Body" });
    let body = json!({ "end_user": user, "organization": { "id": "org", "display_name": "Big Org" }, "tags": { "Team": "Blue" } });
    let token = session(&nango, body).await;
    let linked = nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap().connection_id;
    import(&nango, "Plain-1").await;
    let oauth = slack(&nango).await;
    let one = |id: &str| vec![id.to_owned()];
    for (query, found) in [
        ("", vec![oauth.clone(), "Plain-1".to_owned(), linked.clone()]),
        ("connectionId=Plain-1", one("Plain-1")),
        ("connectionId=plain-1", vec![]),
        ("connectionId=Plain-1&integrationId=openai,none,openai", one("Plain-1")),
        ("connectionId=Plain-1&integrationId=slack", vec![]),
        ("connectionId=Plain-1&integrationId=openai&tags[team]=Blue", vec![]),
        ("integrationId=slack,none", one(&oauth)),
        ("integrationId=openai,%20slack", vec![oauth.clone(), "Plain-1".to_owned(), linked.clone()]),
        ("tags[TEAM]=Blue", one(&linked)),
        ("tags%5Bteam%5D=Blue", one(&linked)),
        ("tags[team]=blue", vec![]),
        ("tags[team]=Blue&tags[end_user_id]=eu", one(&linked)),
        ("tags[team]=Blue&tags[end_user_id]=x", vec![]),
        ("tags[team]=Blue&integrationId=slack", vec![]),
        ("search=PLAIN", one("Plain-1")),
        ("search=mail@ex", one(&linked)),
        ("search=some%20b", one(&linked)),
        ("search=Big", vec![]),
        ("search=Blue", vec![]),
        ("endUserId=eu", one(&linked)),
        ("endUserId=EU", vec![]),
        ("endUserOrganizationId=org", one(&linked)),
        ("endUserId=eu&endUserOrganizationId=x", vec![]),
        ("limit=1", one(&oauth)),
        ("limit=1&page=2", one(&linked)),
        ("limit=2&page=1", one(&linked)),
        ("page=1", vec![]),
    ] {
        assert_eq!(ids(&nango, query).await, found, "{query}");
    }
}

/// The look-up by key answers as a search through the table would.
#[tokio::test]
async fn a_connection_is_found_by_its_key() {
    let nango = emulator().await;
    for integration in ["slack", "openai", "hubspot"] {
        nango.import_many(integration, 1, "c", &[("at", integration)]).unwrap();
    }
    let found = async |query: &str| {
        let (_, list) =
            call(&nango, Method::GET, &format!("/connections?connectionId=c&{query}"), None).await;
        let found = list["connections"].as_array().unwrap().iter();
        found.map(|one| one["provider_config_key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("integrationId=slack,hubspot").await, ["hubspot", "slack"], "the newest first");
    assert_eq!(found("integrationId=slack,hubspot&limit=1&page=1").await, ["slack"]);
    assert_eq!(found("integrationId=slack,hubspot&tags[at]=slack").await, ["slack"]);
    let path = "/connections/c?provider_config_key=slack";
    assert_eq!(call(&nango, Method::DELETE, path, None).await.0, 200);
    assert_eq!(call(&nango, Method::DELETE, "/integrations/openai", None).await.0, 200);
    assert_eq!(found("integrationId=slack,openai,hubspot").await, ["hubspot"]);
}

/// The index follows every operation that changes tags.
#[tokio::test]
async fn tag_filter_follows_changes_of_tags() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let path = "/connections/c?provider_config_key=openai";
    let found = |query: &'static str| ids(&nango, query);
    let change = |body: Value| call(&nango, Method::PATCH, path, Some(body));
    assert_eq!(change(json!({ "tags": { "a": "1" } })).await.0, 200);
    assert_eq!(found("tags[a]=1").await, ["c"]);
    assert_eq!(change(json!({ "tags": { "a": "2" } })).await.0, 200);
    assert!(found("tags[a]=1").await.is_empty());
    assert_eq!(found("tags[a]=2").await, ["c"]);
    import(&nango, "c").await;
    assert!(found("tags[a]=2").await.is_empty());
    nango.import_many("openai", 3, "m-{n}", &[("n", "{n}"), ("all", "x")]).unwrap();
    assert_eq!(found("tags[all]=x").await, ["m-3", "m-2", "m-1"]);
    assert_eq!(found("tags[all]=x&tags[n]=2").await, ["m-2"]);
    nango.import_many("openai", 1, "m-2", &[("n", "9")]).unwrap();
    assert_eq!(found("tags[all]=x").await, ["m-3", "m-1"]);
    let path = "/connections/m-3?provider_config_key=openai";
    assert_eq!(call(&nango, Method::DELETE, path, None).await.0, 200);
    assert_eq!(found("tags[all]=x").await, ["m-1"]);
    assert_eq!(call(&nango, Method::DELETE, "/integrations/openai", None).await.0, 200);
    assert!(found("tags[all]=x").await.is_empty());
}

#[tokio::test]
async fn list_item_differs_from_the_full_object() {
    let nango = emulator().await;
    let id = slack(&nango).await;
    let (_, list) = call(&nango, Method::GET, "/connections", None).await;
    let item = &list["connections"][0];
    let keys: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id", "connection_id", "provider_config_key", "provider", "errors", "end_user", "tags", "metadata",
        "created",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&item["connection_id"], &item["metadata"]), (&json!(id), &Value::Null));
    assert!(item["created"].as_str().unwrap().ends_with("+00:00"));
}

use nango_emulator::{Credentials, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Receiver, call, http, session};

/// Connects with `first`, reconnects with `second`. Returns the connection after each.
async fn twice(nango: &Emulator, first: Value, second: Value) -> (Value, Value, Value) {
    let connect = |token: String| async move {
        nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap().connection_id
    };
    let id = connect(session(nango, first).await).await;
    let get = || async {
        call(nango, Method::GET, &format!("/connections/{id}?provider_config_key=openai"), None).await.1
    };
    let before = get().await;
    let mut body = json!({ "connection_id": id, "integration_id": "openai" });
    body.as_object_mut().unwrap().extend(second.as_object().unwrap().clone());
    let (status, answer) = call(nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    let token = answer["data"]["token"].as_str().unwrap().to_owned();
    let shown = http().get(format!("{}/connect/session", nango.local_url())).header("authorization", &token);
    let shown = shown.send().await.unwrap().bytes().await.unwrap();
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!(connect(token).await, id);
    (before, shown["data"].clone(), get().await)
}

async fn listening() -> (Emulator, Receiver) {
    let (receiver, url) = Receiver::start(&[]).await;
    (Emulator::builder().webhook_url(url).start().await.unwrap(), receiver)
}

#[tokio::test]
async fn reconnect_replaces_fields_and_merges_none() {
    let (nango, receiver) = listening().await;
    let defaults = |region: &str| json!({ "openai": { "connection_config": { "region": region } } });
    let first = json!({
        "tags": { "a": "1", "b": "1" },
        "webhook_url_override": "http://127.0.0.1:9/x",
        "integrations_config_defaults": defaults("eu"),
    });
    let second = json!({ "tags": { "b": "2" }, "integrations_config_defaults": defaults("us") });
    let (before, shown, after) = twice(&nango, first, second).await;
    assert_eq!(shown["isReconnecting"], true);
    assert_eq!(shown["allowed_integrations"], json!(["openai"]));
    assert_eq!(shown["endUser"], Value::Null);
    assert_eq!(after["tags"], json!({ "b": "2" }));
    assert_eq!(after["connection_config"], json!({ "region": "us" }));
    assert_eq!(
        (&before["webhook_url_override"], &after["webhook_url_override"]),
        (&json!("http://127.0.0.1:9/x"), &Value::Null)
    );
    assert_eq!((&after["id"], &after["created_at"]), (&before["id"], &before["created_at"]));
    let said = receiver.bodies(1).await;
    assert_eq!((&said[0]["operation"], &said[0]["tags"]), (&json!("override"), &json!({ "b": "2" })));
}

#[tokio::test]
async fn end_user_stays_linked_when_its_tags_are_reset() {
    let (nango, receiver) = listening().await;
    let user = json!({ "id": "u", "email": "u@example.com", "tags": { "plan": "pro" } });
    let first = json!({ "end_user": user, "organization": { "id": "o", "display_name": "O" } });
    let (before, shown, after) = twice(&nango, first, json!({})).await;
    let linked = json!({
        "id": "u", "display_name": null, "email": "u@example.com", "tags": { "plan": "pro" },
        "organization": { "id": "o", "display_name": "O" },
    });
    assert_eq!((&before["end_user"], &shown["endUser"], &after["end_user"]), (&linked, &linked, &linked));
    assert_eq!(before["tags"]["organization_display_name"], "O");
    assert_eq!(after["tags"], json!({}));
    let said = receiver.bodies(2).await;
    let end_user = json!({ "endUserId": "u", "endUserEmail": "u@example.com", "organizationId": "o", "tags": { "plan": "pro" } });
    assert_eq!((&said[0]["endUser"], said[1].get("endUser")), (&end_user, None));
}

#[tokio::test]
async fn new_end_user_replaces_the_stored_one_after_the_reconnect() {
    let (nango, receiver) = listening().await;
    let of = |id: &str| json!({ "end_user": { "id": id } });
    let (_, shown, after) = twice(&nango, of("old"), of("new")).await;
    assert_eq!((&shown["endUser"]["id"], &after["end_user"]["id"]), (&json!("old"), &json!("new")));
    assert_eq!(after["tags"], json!({ "end_user_id": "new" }));
    assert_eq!(receiver.bodies(2).await[1]["endUser"]["endUserId"], "new");
}

#[tokio::test]
async fn imported_connection_can_be_reconnected() {
    let (nango, receiver) = listening().await;
    super::import(&nango, "imported").await;
    let body = json!({ "connection_id": "imported", "integration_id": "openai" });
    let (_, answer) = call(&nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
    let token = answer["data"]["token"].as_str().unwrap();
    let made = nango.connect(token, "openai", Credentials::api_key("k")).await.unwrap();
    assert_eq!(made.connection_id, "imported");
    assert_eq!(receiver.bodies(2).await[1]["operation"], "override");
}

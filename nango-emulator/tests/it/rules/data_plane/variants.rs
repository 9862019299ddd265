use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, post, settle};
use crate::support::call;

const BODY: &str = r#"{"provider_config_key":"openai","connection_id":"c"}"#;

fn body() -> Value {
    serde_json::from_str(BODY).unwrap()
}

async fn create(bench: &Bench, path: &str) -> (u16, Value) {
    post(&bench.nango, path, body()).await
}

async fn delete(bench: &Bench, path: &str) -> (u16, Value) {
    call(&bench.nango, Method::DELETE, path, Some(body())).await
}

#[tokio::test]
async fn records_of_a_variant_are_apart_and_stay_when_it_is_deleted() {
    let bench = Bench::start(&["Contact"]).await;
    let path = "/sync/contacts/variant/v1";
    let (status, made) = create(&bench, path).await;
    assert_eq!((status, &made["name"], &made["variant"]), (200, &json!("contacts"), &json!("v1")));
    bench.set(|run| run.save("Contact", [contact(run.variant(), "x")]));
    let trigger =
        |sync: Value| json!({ "syncs": [sync], "provider_config_key": "openai", "connection_id": "c" });
    for sync in [json!("contacts::v1"), json!({ "name": "contacts", "variant": "v1" }), json!("contacts")] {
        assert_eq!(post(&bench.nango, "/sync/trigger", trigger(sync)).await.0, 200);
        settle(&bench.nango).await;
    }
    let sent = bench.sent();
    let variants = sent.iter().filter_map(|body| body["syncVariant"].as_str()).collect::<Vec<_>>();
    assert_eq!(variants, ["v1", "v1", "base"]);
    assert_eq!(bench.ids("").await, ["base"]);
    assert_eq!(bench.ids("variant=v1").await, ["v1"]);
    assert_eq!(delete(&bench, path).await, (200, json!({ "success": true })));
    assert_eq!(bench.ids("variant=v1").await, ["v1"]);
    assert_eq!(delete(&bench, path).await, (404, json!({ "error": { "code": "not_found" } })));
    assert_eq!(post(&bench.nango, "/sync/trigger", trigger(json!("contacts::v1"))).await.0, 400);
}

#[tokio::test]
async fn variant_of_an_auto_start_sync_runs_at_once_and_of_another_is_paused() {
    let bench = Bench::start(&["Contact"]).await;
    bench.nango.sync("openai", "starts").model("Note").deploy().unwrap();
    settle(&bench.nango).await;
    let before = bench.sent().len();
    assert_eq!(create(&bench, "/sync/starts/variant/v").await.0, 200);
    assert_eq!(create(&bench, "/sync/contacts/variant/v").await.0, 200);
    settle(&bench.nango).await;
    let new = bench.sent().split_off(before);
    assert_eq!((new.len(), &new[0]["syncName"], &new[0]["syncVariant"]), (1, &json!("starts"), &json!("v")));
    let path = "/sync/status?syncs=contacts::v&provider_config_key=openai&connection_id=c";
    let status = call(&bench.nango, Method::GET, path, None).await.1;
    assert_eq!(status["syncs"][0]["status"], "PAUSED");
}

#[tokio::test]
async fn base_is_protected_and_names_are_checked() {
    let bench = Bench::start(&["Contact"]).await;
    create(&bench, "/sync/contacts/variant/v").await;
    let code = |(status, body): (u16, Value)| format!("{status} {}", body["error"]["code"].as_str().unwrap());
    for (path, said) in [
        ("/sync/contacts/variant/BASE", "400 invalid_variant"),
        ("/sync/nope/variant/v", "400 unknown_sync"),
        ("/sync/contacts/variant/v", "400 sync_variant_already_exists"),
        ("/sync/contacts/variant/bad%20name", "400 invalid_uri_params"),
    ] {
        assert_eq!(code(create(&bench, path).await), said, "{path}");
    }
    let refused = delete(&bench, "/sync/contacts/variant/base").await;
    assert_eq!(refused.1["error"]["message"], "Cannot delete protected variant \"base\".");
}

#[tokio::test]
async fn sync_has_at_most_a_hundred_variants() {
    let bench = Bench::start(&["Contact"]).await;
    for n in 0..100 {
        assert_eq!(create(&bench, &format!("/sync/contacts/variant/v{n}")).await.0, 200);
    }
    assert_eq!(create(&bench, "/sync/contacts/variant/more").await.0, 400);
}

use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, post};
use crate::support::call;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn sync_that_has_never_run_has_no_result() {
    let bench = Bench::start(&["Contact"]).await;
    let expected = [
        "id", "connection_id", "type", "nextScheduledSyncAt", "name", "variant", "status", "frequency",
        "recordCount", "checkpoint",
    ];
    let status = bench.status().await;
    assert_eq!(keys(&status), expected);
    assert_eq!((&status["status"], &status["type"]), (&json!("PAUSED"), &json!("INITIAL")));
    let start = json!({ "syncs": ["contacts"], "provider_config_key": "openai", "connection_id": "c" });
    post(&bench.nango, "/sync/start", start).await;
    assert_eq!(bench.status().await["status"], "SUCCESS", "never run and active");
}

#[tokio::test]
async fn status_tells_the_latest_run() {
    let bench = Bench::start(&["Contact", "Note"]).await;
    bench.save(json!([contact("a", "Ann")])).await;
    let status = bench.status().await;
    let expected = [
        "id", "connection_id", "type", "finishedAt", "nextScheduledSyncAt", "name", "variant", "status",
        "frequency", "latestResult", "latestExecutionStatus", "recordCount", "checkpoint",
    ];
    assert_eq!(keys(&status), expected);
    let none = json!({ "added": 0, "deleted": 0, "updated": 0 });
    let one = json!({ "added": 1, "deleted": 0, "updated": 0 });
    assert_eq!(status["latestResult"], json!({ "Contact": one, "Note": none }));
    assert_eq!(status["recordCount"], json!({ "Contact": 1, "Note": 0 }));
    assert_eq!((&status["type"], &status["latestExecutionStatus"]), (&json!("INITIAL"), &json!("SUCCESS")));
    bench.save(json!([])).await;
    assert_eq!(bench.status().await["type"], "INITIAL", "also of an incremental run");
}

#[tokio::test]
async fn paused_sync_shows_paused_even_if_its_last_run_failed() {
    let bench = Bench::start(&["Contact"]).await;
    bench
        .run(|run| {
            run.save("Contact", [contact("a", "Ann")])?;
            Err("boom".into())
        })
        .await;
    let status = bench.status().await;
    assert_eq!((&status["status"], &status["latestExecutionStatus"]), (&json!("PAUSED"), &json!("STOPPED")));
    assert_eq!(status["latestResult"], json!({ "Contact": { "added": 1, "deleted": 0, "updated": 0 } }));
    let start = json!({ "syncs": ["contacts"], "provider_config_key": "openai", "connection_id": "c" });
    post(&bench.nango, "/sync/start", start).await;
    assert_eq!(bench.status().await["status"], "ERROR");
}

#[tokio::test]
async fn status_of_all_is_alphabetical_and_of_some_in_the_requested_order() {
    let bench = Bench::start(&["Contact"]).await;
    for name in ["zebra", "apple"] {
        bench.nango.sync("openai", name).model("Note").manual().deploy().unwrap();
    }
    super::import(&bench.nango, "d").await;
    let ask = async |query: &str| {
        let path = format!("/sync/status?provider_config_key=openai&{query}");
        let (status, body) = call(&bench.nango, Method::GET, &path, None).await;
        assert_eq!(status, 200);
        let name = |sync: &Value| format!("{} {}", sync["connection_id"], sync["name"]).replace('"', "");
        body["syncs"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(ask("syncs=*&connection_id=c").await, ["c apple", "c contacts", "c zebra"]);
    let some = ask("syncs=zebra,nope,contacts::base,contacts::v&connection_id=c").await;
    assert_eq!(some, ["c zebra", "c contacts"], "unknown syncs are left out");
    assert_eq!(ask("syncs=contacts").await, ["c contacts", "d contacts"]);
}

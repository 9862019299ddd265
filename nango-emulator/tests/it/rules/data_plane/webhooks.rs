use std::time::Duration;

use nango_emulator::{DeliveryState, Emulator, FunctionError, SyncRun};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, post, sent, settle};
use crate::support::{Receiver, call};

fn keys(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn success_sends_one_webhook_per_model() {
    let bench = Bench::start(&["Contact", "Note"]).await;
    let sent = bench.run(|run| run.save("Contact", [contact("a", "Ann"), contact("b", "Bob")])).await;
    let expected = [
        "connectionId", "from", "model", "modifiedAfter", "providerConfigKey", "queryTimeStamp",
        "responseResults", "success", "syncName", "syncType", "syncVariant", "type",
    ];
    assert!(sent.iter().all(|body| keys(body) == expected), "{sent:?}");
    let of = |model: &str| sent.iter().find(|body| body["model"] == model).unwrap().clone();
    assert_eq!(of("Contact")["responseResults"], json!({ "added": 2, "deleted": 0, "updated": 0 }));
    assert_eq!(of("Note")["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 0 }));
    assert_eq!((of("Note")["syncVariant"].clone(), sent.len()), (json!("base"), 2));
}

#[tokio::test]
async fn failure_sends_one_webhook_whatever_the_number_of_models() {
    let bench = Bench::start(&["Contact", "Note"]).await;
    let sent = bench.run(|_| Err("boom".into())).await;
    assert_eq!(sent.len(), 1);
    let expected = [
        "connectionId", "error", "failedAt", "from", "model", "providerConfigKey", "startedAt", "success",
        "syncName", "syncType", "syncVariant", "type",
    ];
    assert_eq!(keys(&sent[0]), expected);
    assert_eq!(sent[0]["model"], "Contact,Note");
    assert_eq!(
        sent[0]["error"],
        json!({
            "description": "An internal error occurred during the script execution",
            "payload": {
                "message": "boom",
                "name": "Error",
                "stacktrace": ["Error: boom", "at Object.exec (contacts-openai.cjs:1:1)"],
            },
            "type": "script_error",
        })
    );
}

#[tokio::test]
async fn failed_call_to_the_provider_is_described_with_its_response() {
    let bench = Bench::start(&["Contact"]).await;
    let sent = bench.run(|_| Err(FunctionError::http(429, json!({ "message": "slow down" })))).await;
    let response = json!({
        "status": 429,
        "headers": { "content-type": "application/json" },
        "body": { "message": "slow down" },
    });
    assert_eq!(
        sent[0]["error"],
        json!({
            "additional_properties": { "upstream_response": response },
            "description": "An error occurred during an HTTP call",
            "payload": { "message": "slow down" },
            "type": "script_error",
        })
    );
}

#[tokio::test]
async fn panic_is_a_failed_run() {
    let bench = Bench::start(&["Contact"]).await;
    let sent = bench.run(|_| panic!("on purpose")).await;
    assert_eq!(sent[0]["error"]["payload"]["message"], "the code of the sync panicked");
    assert_eq!(bench.status().await["latestExecutionStatus"], "STOPPED");
}

#[tokio::test]
async fn modified_after_and_query_time_stamp_are_the_start_of_the_run() {
    let bench = Bench::start(&["Contact"]).await;
    let before = jiff::Timestamp::try_from(bench.nango.now()).unwrap();
    let sent = bench.save(json!([contact("a", "Ann")])).await;
    let started: jiff::Timestamp = sent[0]["modifiedAfter"].as_str().unwrap().parse().unwrap();
    assert_eq!(sent[0]["modifiedAfter"], sent[0]["queryTimeStamp"]);
    assert_eq!(sent[0]["modifiedAfter"].as_str().unwrap().len(), "2026-11-28T01:04:43.132Z".len());
    let saved = bench.list("").await["records"][0]["_nango_metadata"]["last_modified_at"].clone();
    assert!(before <= started && started <= saved.as_str().unwrap().parse().unwrap());
}

#[tokio::test]
async fn sync_type_is_initial_until_a_run_has_succeeded_and_after_a_reset() {
    let bench = Bench::start(&["Contact"]).await;
    let kind = |sent: Vec<Value>| sent[0]["syncType"].clone();
    assert_eq!(kind(bench.run(|_| Err("boom".into())).await), "INITIAL");
    assert_eq!(kind(bench.run(|_| Ok(())).await), "INITIAL");
    assert_eq!(kind(bench.run(|_| Ok(())).await), "INCREMENTAL");
    assert_eq!(kind(bench.run(|_| Err("boom".into())).await), "INCREMENTAL");
    assert_eq!(kind(bench.trigger(json!({ "opts": { "reset": true } })).await), "INITIAL");
}

#[tokio::test]
async fn checkpoints_are_there_only_when_the_run_has_used_one() {
    let bench = Bench::start(&["Contact"]).await;
    assert_eq!(bench.run(|_| Ok(())).await[0].get("checkpoints"), None);
    let first = bench.run(|run| run.save_checkpoint(&json!({ "page": 1 }))).await;
    assert_eq!(first[0]["checkpoints"], json!({ "from": null, "to": { "page": 1 } }));
    assert_eq!(bench.run(|_| Ok(())).await[0].get("checkpoints"), None);
    let failed = bench
        .run(|run| {
            assert_eq!(run.checkpoint(), Some(json!({ "page": 1 })));
            run.save_checkpoint(&json!({ "page": 2 }))?;
            Err("boom".into())
        })
        .await;
    assert_eq!(failed[0]["checkpoints"], json!({ "from": { "page": 1 }, "to": { "page": 2 } }));
    assert_eq!(bench.status().await["checkpoint"], json!({ "page": 2 }));
    bench.set(|_| Ok(()));
    bench.trigger(json!({ "opts": { "reset": true } })).await;
    assert_eq!(bench.status().await["checkpoint"], Value::Null);
}

#[tokio::test]
async fn started_at_of_a_failure_is_the_last_success() {
    let bench = Bench::start(&["Contact"]).await;
    let first = bench.run(|_| Err("boom".into())).await;
    assert_eq!(first[0]["startedAt"], first[0]["failedAt"]);
    let success = bench.run(|_| Ok(())).await;
    bench.nango.advance(Duration::from_secs(60));
    let failed = bench.run(|_| Err("boom".into())).await;
    assert_eq!(failed[0]["startedAt"], success[0]["modifiedAfter"]);
    assert_ne!(failed[0]["startedAt"], failed[0]["failedAt"]);
}

#[tokio::test]
async fn runs_without_changes_and_failures_can_be_switched_off() {
    let bench = Bench::start(&["Contact", "Note"]).await;
    assert_eq!(bench.run(|_| Ok(())).await.len(), 2);
    bench.nango.set_on_sync_completion_always(false);
    assert_eq!(bench.run(|_| Ok(())).await.len(), 0);
    let changed = bench.save(json!([contact("a", "Ann")])).await;
    assert_eq!(changed.iter().map(|body| &body["model"]).collect::<Vec<_>>(), ["Contact"]);
    bench.nango.set_on_sync_error(false);
    assert_eq!(bench.run(|_| Err("boom".into())).await.len(), 0);
}

#[tokio::test]
async fn changed_record_may_lie_outside_every_window() {
    let bench = Bench::start(&["Contact"]).await;
    bench
        .run(|run| {
            run.save("Contact", [contact("q", "of a failing run")])?;
            Err("boom".into())
        })
        .await;
    // The start of a run is in whole milliseconds, cut off.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let success = bench.save(json!([contact("q", "of a failing run")])).await;
    assert_eq!(success[0]["responseResults"], json!({ "added": 0, "deleted": 0, "updated": 0 }));
    let since = success[0]["modifiedAfter"].as_str().unwrap();
    assert_eq!(bench.ids(&format!("modified_after={since}")).await, [""; 0]);
    assert_eq!(bench.ids("").await, ["q"]);
}

#[tokio::test]
async fn stopping_a_run_by_a_reset_sends_a_failure_without_a_model() {
    let nango = Emulator::builder().webhook_url("http://127.0.0.1:9/hook").start().await.unwrap();
    let slow = |run: SyncRun| async move {
        run.sleep(Duration::from_secs(600)).await;
        run.save("Contact", [contact("a", "Ann")])
    };
    nango.sync("openai", "contacts").model("Contact").manual().run(slow).deploy().unwrap();
    super::import(&nango, "c").await;
    let mut body = json!({ "syncs": ["contacts"], "provider_config_key": "openai", "connection_id": "c" });
    post(&nango, "/sync/trigger", body.clone()).await;
    body["opts"] = json!({ "reset": true });
    post(&nango, "/sync/trigger", body).await;
    let before = nango.deliveries().len();
    while nango.deliveries().len() < before.max(2) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stopped = sent(&nango).pop().unwrap();
    assert_eq!((&stopped["model"], &stopped["success"]), (&json!(""), &json!(false)));
    assert!(stopped["error"]["payload"].is_string());
    while !nango.wait_for_runs(Duration::from_millis(50)).await {
        nango.advance(Duration::from_secs(601));
    }
    let last = sent(&nango).pop().unwrap();
    assert_eq!((&last["success"], &last["syncType"]), (&json!(true), &json!("INITIAL")));
}

#[tokio::test]
async fn webhook_of_the_provider_runs_the_sync_and_is_forwarded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.json");
    let provider = json!({ "auth_mode": "API_KEY", "webhook_routing_script": "any" });
    let config = json!({
        "providers": { "acme": provider },
        "integrations": [{ "unique_key": "openai", "provider": "acme" }],
    });
    std::fs::write(&path, config.to_string()).unwrap();
    let builder = Emulator::builder().config_file(path).webhook_url("http://127.0.0.1:9/hook");
    let nango = builder.start().await.unwrap();
    let on_webhook = |run: SyncRun| async move {
        let body = run.webhook().unwrap().clone();
        run.save("Event", [json!({ "id": body["id"] })])?;
        if body.get("fail").is_some() { Err("boom".into()) } else { Ok(()) }
    };
    let sync = nango.sync("openai", "hooked").model("Event").manual().on_webhook(on_webhook);
    sync.deploy().unwrap();
    super::import(&nango, "c").await;
    let environment = "d0c5ec2e-0000-4000-8000-00000000e001";
    let before = nango.deliveries().len();
    for (body, count) in [
        (json!({ "connectionId": "c", "id": "e" }), 1),
        (json!({ "connectionId": "c", "id": "e" }), 0),
        (json!({ "connectionId": "c", "id": "f", "fail": true }), 1),
    ] {
        let path = format!("/webhook/{environment}/openai");
        assert_eq!(call(&nango, Method::POST, &path, Some(body.clone())).await.0, 200);
        settle(&nango).await;
        let sent = sent(&nango).split_off(before);
        let ours: Vec<_> = sent.iter().filter(|body| body["type"] == "sync").collect();
        let last = ours.last().unwrap();
        assert_eq!(last["syncType"], "WEBHOOK");
        if body.get("fail").is_some() {
            let error = json!({
                "description": "An internal error occurred during the script execution",
                "type": "script_error",
            });
            assert_eq!((last.get("syncVariant"), &last["error"]), (None, &error));
            assert_eq!(last["startedAt"], last["failedAt"]);
        } else {
            assert_eq!(last["responseResults"]["added"], count, "sent even if nothing changed");
        }
        assert_eq!(sent.iter().filter(|body| body["type"] == "forward").count(), ours.len());
    }
}

#[tokio::test]
async fn delivery_is_retried_as_that_of_auth_webhooks() {
    for (answers, attempts, state) in
        [(vec![200, 500, 500, 500], 3, DeliveryState::Failed), (vec![200, 404], 1, DeliveryState::Failed)]
    {
        let (receiver, url) = Receiver::start(&answers).await;
        let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
        let bench = Bench::of(nango, &["Contact"]).await;
        receiver.bodies(1).await;
        bench.run(|_| Ok(())).await;
        while !bench.nango.wait_for_deliveries(Duration::from_millis(30)).await {
            bench.nango.advance(Duration::from_secs(10));
        }
        let delivery = bench.nango.deliveries().pop().unwrap();
        assert_eq!((delivery.kind, delivery.attempts.len(), delivery.state), ("sync", attempts, state));
    }
}

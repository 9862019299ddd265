use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, contact, post, settle};
use crate::support::call;

fn of(syncs: &Value) -> Value {
    json!({ "syncs": syncs, "provider_config_key": "openai", "connection_id": "c" })
}

/// Returns how often the sync of a test has run.
fn runs(bench: &Bench) -> usize {
    bench.sent().iter().filter(|body| body["syncName"] == "contacts").count()
}

/// Waits until the sync runs, at the point where its code is held.
async fn until_running(bench: &Bench) {
    for _ in 0..1000 {
        if bench.status().await["status"] == "RUNNING" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    unreachable!("the sync does not run");
}

/// Deploys the sync with a run of ten minutes, and triggers it.
async fn long_run(bench: &Bench) {
    let slow = |run: nango_emulator::SyncRun| async move {
        run.save("Contact", [contact("a", "Ann")])?;
        run.sleep(std::time::Duration::from_secs(600)).await;
        run.save("Contact", [contact("b", "Bob")])
    };
    bench.nango.sync("openai", "contacts").run(slow).deploy().unwrap();
    assert_eq!(post(&bench.nango, "/sync/trigger", of(&json!(["contacts"]))).await.0, 200);
    until_running(bench).await;
}

async fn end(bench: &Bench) {
    bench.nango.advance(std::time::Duration::from_secs(601));
    settle(&bench.nango).await;
}

#[tokio::test]
async fn triggering_a_running_sync_succeeds_without_a_second_run() {
    let bench = Bench::start(&["Contact"]).await;
    long_run(&bench).await;
    assert_eq!(post(&bench.nango, "/sync/trigger", of(&json!(["contacts"]))).await.0, 200);
    end(&bench).await;
    assert_eq!(runs(&bench), 1);
}

#[tokio::test]
async fn records_of_a_run_can_be_read_before_it_ends() {
    let bench = Bench::start(&["Contact"]).await;
    long_run(&bench).await;
    while bench.ids("").await.is_empty() {}
    assert_eq!(bench.ids("").await, ["a"]);
    assert_eq!(bench.status().await["latestResult"]["Contact"]["added"], 1);
    end(&bench).await;
    assert_eq!(bench.ids("").await, ["a", "b"]);
}

#[tokio::test]
async fn list_with_an_unknown_sync_triggers_those_before_it() {
    let bench = Bench::start(&["Contact"]).await;
    let (status, refused) = post(&bench.nango, "/sync/trigger", of(&json!(["contacts", "nope", "x"]))).await;
    assert_eq!(status, 400);
    let expected = json!({
        "message": "No syncs found given the inputs.",
        "code": "no_syncs_found",
        "payload": {},
    });
    assert_eq!(refused["error"], expected);
    settle(&bench.nango).await;
    assert_eq!(runs(&bench), 1);
    assert_eq!(post(&bench.nango, "/sync/trigger", of(&json!(["nope", "contacts"]))).await.0, 400);
    settle(&bench.nango).await;
    assert_eq!(runs(&bench), 1);
}

#[tokio::test]
async fn empty_list_means_all_syncs_also_paused_ones() {
    let bench = Bench::start(&["Contact"]).await;
    bench.nango.sync("openai", "second").model("Note").manual().deploy().unwrap();
    assert_eq!(bench.status().await["status"], "PAUSED");
    assert_eq!(post(&bench.nango, "/sync/trigger", of(&json!([]))).await.0, 200);
    settle(&bench.nango).await;
    let mut names: Vec<_> =
        bench.sent().iter().filter_map(|b| b["syncName"].as_str().map(str::to_owned)).collect();
    names.sort();
    assert_eq!(names, ["contacts", "second"]);
    assert_eq!(bench.status().await["status"], "PAUSED", "it stays paused");
}

#[tokio::test]
async fn trigger_without_a_connection_means_all_connections() {
    let bench = Bench::start(&["Contact"]).await;
    super::import(&bench.nango, "d").await;
    let body =
        json!({ "syncs": [{ "name": "contacts", "variant": "base" }], "provider_config_key": "openai" });
    assert_eq!(post(&bench.nango, "/sync/trigger", body).await.0, 200);
    settle(&bench.nango).await;
    let sent = bench.sent();
    let of_syncs = sent.iter().filter(|body| body["type"] == "sync");
    let mut connections: Vec<_> = of_syncs.map(|body| body["connectionId"].as_str().unwrap()).collect();
    connections.sort_unstable();
    assert_eq!(connections, ["c", "d"]);
}

#[tokio::test]
async fn pausing_does_not_stop_the_current_run() {
    let bench = Bench::start(&["Contact"]).await;
    post(&bench.nango, "/sync/start", of(&json!(["contacts"]))).await;
    long_run(&bench).await;
    assert_eq!(post(&bench.nango, "/sync/pause", of(&json!(["contacts"]))).await.0, 200);
    let status = bench.status().await;
    assert_eq!((&status["status"], &status["nextScheduledSyncAt"]), (&json!("RUNNING"), &Value::Null));
    assert_eq!(status.get("finishedAt"), None);
    end(&bench).await;
    assert_eq!((runs(&bench), bench.status().await["status"].clone()), (1, json!("PAUSED")));
}

#[tokio::test]
async fn start_does_not_run_before_the_next_date() {
    let bench = Bench::start(&["Contact"]).await;
    for _ in 0..2 {
        assert_eq!(post(&bench.nango, "/sync/start", of(&json!(["contacts"]))).await.0, 200, "idempotent");
    }
    settle(&bench.nango).await;
    let status = bench.status().await;
    assert_eq!((runs(&bench), &status["status"]), (0, &json!("SUCCESS")));
    assert!(status["nextScheduledSyncAt"].is_string());
}

#[tokio::test]
async fn active_syncs_run_at_their_frequency_and_paused_ones_do_not() {
    let bench = Bench::start(&["Contact"]).await;
    let hour = std::time::Duration::from_secs(3601);
    bench.nango.advance(hour);
    settle_scheduled(&bench, 0).await;
    post(&bench.nango, "/sync/start", of(&json!(["contacts"]))).await;
    settle_scheduled(&bench, 1).await;
    // A failed run is not repeated before its time.
    bench.set(|_| Err("boom".into()));
    bench.nango.advance(hour);
    settle_scheduled(&bench, 2).await;
    // Of several times that have passed, one counts.
    bench.nango.advance(5 * hour);
    settle_scheduled(&bench, 3).await;
}

/// Waits for this number of runs, and for more that should not come.
async fn settle_scheduled(bench: &Bench, count: usize) {
    for _ in 0..500 {
        if runs(bench) >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    settle(&bench.nango).await;
    assert_eq!(runs(bench), count);
}

#[tokio::test]
async fn new_connection_starts_the_auto_start_syncs_and_so_does_a_deployment() {
    let bench = Bench::start(&["Contact"]).await;
    let sync = |name: &str| bench.nango.sync("openai", name).model("Note");
    sync("starts").deploy().unwrap();
    settle(&bench.nango).await;
    sync("waits").manual().deploy().unwrap();
    super::import(&bench.nango, "d").await;
    let token = bench.nango.create_session(&[]);
    let key = nango_emulator::Credentials::api_key("k");
    let e = bench.nango.connect(&token, "openai", key).await.unwrap().connection_id;
    // A connection that is imported again is not new.
    super::import(&bench.nango, "d").await;
    settle(&bench.nango).await;
    let sent = bench.sent();
    let of_syncs = sent.iter().filter(|body| body["type"] == "sync");
    let started: Vec<_> = of_syncs
        .map(|body| (body["syncName"].as_str().unwrap(), body["connectionId"].as_str().unwrap()))
        .collect();
    assert_eq!(started, [("starts", "c"), ("starts", "d"), ("starts", e.as_str())]);
}

#[tokio::test]
async fn frequency_is_normalized_and_null_restores_the_deployment() {
    let bench = Bench::start(&["Contact"]).await;
    let ask = async |frequency: Value| {
        let body = json!({
            "sync_name": "contacts", "provider_config_key": "openai", "connection_id": "c", "frequency": frequency,
        });
        call(&bench.nango, Method::PUT, "/sync/update-connection-frequency", Some(body)).await
    };
    for (frequency, answered) in [
        ("every 5 minutes", "5 minutes"),
        ("every half day", "12h"),
        ("every day", "1d"),
        ("every 40 days", "40 days"),
        ("5m", "5m"),
    ] {
        assert_eq!(ask(json!(frequency)).await, (200, json!({ "frequency": answered })));
        assert_eq!(bench.status().await["frequency"], answered);
    }
    assert_eq!(ask(Value::Null).await, (200, json!({ "frequency": "every hour" })));
    let error = json!({ "code": "invalid_body", "message": "Sync interval is invalid" });
    assert_eq!(ask(json!("29 seconds")).await, (400, json!({ "error": error })));
    assert_eq!(bench.status().await["frequency"], "every hour");
}

#[tokio::test]
async fn failed_sync_is_an_error_of_the_connection_until_it_recovers() {
    let bench = Bench::start(&["Contact"]).await;
    let errors = async || {
        let path = "/connections/c?provider_config_key=openai";
        call(&bench.nango, Method::GET, path, None).await.1["errors"].clone()
    };
    for _ in 0..2 {
        bench.run(|_| Err("boom".into())).await;
        let errors = errors().await;
        assert_eq!((errors.as_array().unwrap().len(), &errors[0]["type"]), (1, &json!("sync")));
    }
    bench.run(|_| Ok(())).await;
    assert_eq!(errors().await, json!([]));
}

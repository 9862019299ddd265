//! Kills the worker at random moments while syncs run, and compares its rows with Nango's records.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod bench;
mod changes;
mod command_line;
mod kills;

use std::time::Duration;

use nango_emulator::CallFaults;
use nango_tests::{Program, call_nango, eventually, http, send, sign};
use reqwest::Method;
use serde_json::json;

use crate::bench::{Bench, CALM, LIMIT, program};

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_finds_what_no_webhook_has_announced() {
    let bench = Bench::start().await;
    let issues = bench.records(CALM);
    issues.save((0..25).map(|n: u32| json!({ "id": n.to_string(), "title": "a", "state": "open" }))).unwrap();
    let worker = bench.worker(&["--compare-every", "2"]);
    bench.settle("the first comparison").await;

    issues.remove(["3", "4"]);
    bench.settle("records that Nango has removed").await;
    issues.clear();
    issues.save([json!({ "id": "new", "title": "b", "state": "open" })]).unwrap();
    bench.settle("a reset whose webhook was lost").await;
    drop(worker);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_gone_takes_its_rows_with_it() {
    let bench = Bench::start().await;
    bench.records(CALM).save([json!({ "id": "1", "title": "a", "state": "open" })]).unwrap();
    let _worker = bench.worker(&[]);
    bench.settle("the first sweep").await;
    let path = format!("/connections/{CALM}?provider_config_key=github");
    assert_eq!(call_nango(&bench.emulator, Method::DELETE, &path, None).await.status, 200);
    let is_gone = async || bench.rows(CALM).await.is_empty();
    eventually(LIMIT, "its rows are deleted", is_gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_another_worker_has_overtaken_is_not_stored() {
    let bench = Bench::start().await;
    let issue = |id: &str| json!({ "id": id, "title": "a", "state": "open" });
    bench.records(CALM).save([issue("1")]).unwrap();
    // It reads what is rung for, and nothing else.
    let first = bench.worker(&["--sweep-every", "3600"]);
    bench.settle("the first sweep").await;

    bench.records(CALM).save([issue("2")]).unwrap();
    bench.emulator.fail_calls(CallFaults::hold("/records", 1));
    let key = bench.emulator.signing_key();
    assert_eq!(post(&first, &key, sync_event("Issue", "INCREMENTAL")).await, 200);
    bench.emulator.wait_for_held_calls(1).await;
    let second = bench.worker(&["--listen", "127.0.0.1:0"]);
    bench.settle("the second worker").await;
    bench.records(CALM).clear();
    assert_eq!(post(&second, &key, sync_event("Issue", "INITIAL")).await, 200);
    bench.settle("the second worker has compared").await;

    assert_eq!(bench.emulator.release_calls(), 1);
    let is_refused = async || first.log().iter().any(|line| line.contains("another worker has stored"));
    eventually(LIMIT, "the page of the first worker is refused", is_refused).await;
    assert!(bench.rows(CALM).await.is_empty(), "a record that is gone came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_nango_cannot_read_is_replaced() {
    let bench = Bench::start().await;
    let issue = |id: &str| json!({ "id": id, "title": "a", "state": "open" });
    bench.records(CALM).save([issue("1")]).unwrap();
    let worker = bench.worker(&[]);
    bench.settle("the first sweep").await;
    drop(worker);
    bench.set_position(CALM, "zzz").await;
    bench.records(CALM).save([issue("2")]).unwrap();
    let _worker = bench.worker(&[]);
    bench.settle("a comparison").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variant_is_mirrored_from_its_first_webhook_on() {
    let bench = Bench::start().await;
    let worker = bench.worker(&[]);
    let variant = bench.records(CALM).variant("v1");
    variant.save([json!({ "id": "1", "title": "a", "state": "open" })]).unwrap();
    let event = sync_event("Issue", "INCREMENTAL").replace("base", "v1");
    assert_eq!(post(&worker, &bench.emulator.signing_key(), event).await, 200);
    eventually(LIMIT, "its webhook", async || bench.rows(CALM).await.len() == 1).await;
    variant.save([json!({ "id": "2", "title": "a", "state": "open" })]).unwrap();
    eventually(LIMIT, "a sweep", async || bench.rows(CALM).await.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_signed_webhook_rings() {
    let bench = Bench::start().await;
    // Only a webhook makes it read: the next sweep is far.
    let worker = bench.worker(&["--sweep-every", "3600"]);
    let is_known = async || bench.version(CALM).await > 0;
    eventually(LIMIT, "the first sweep", is_known).await;
    bench.records(CALM).save([json!({ "id": "1", "title": "a", "state": "open" })]).unwrap();

    let key = bench.emulator.signing_key();
    assert_eq!(post(&worker, "another key", sync_event("Issue", "INCREMENTAL")).await, 401);
    assert_eq!(
        post(&worker, &key, sync_event("", "INCREMENTAL")).await,
        200,
        "a run that was ended names no model"
    );
    assert_eq!(post(&worker, &key, sync_event("Comment", "INCREMENTAL")).await, 200);
    assert_eq!(post(&worker, &key, "{}".to_owned()).await, 200, "an unknown delivery would only come again");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(bench.rows(CALM).await.is_empty(), "it has read without a reason");

    assert_eq!(post(&worker, &key, sync_event("Comment,Issue", "INCREMENTAL")).await, 200);
    bench.settle("a failed run keeps what it has saved").await;
    bench.records(CALM).clear();
    assert_eq!(post(&worker, &key, sync_event("Issue", "INITIAL")).await, 200);
    bench.settle("a run from the beginning").await;
    assert!(bench.rows(CALM).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_runs_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = program(&folder.path().join("demo.db"));
    let demo = Program::start(program.args(["--listen", "127.0.0.1:0"]).env_remove("NANGO_SECRET_KEY"));
    let has_stored = async || demo.log().iter().any(|line| line.contains("which changed 4 rows"));
    eventually(LIMIT, "the second run of the demo is stored", has_stored).await;
}

/// The webhook of a failed run.
fn sync_event(models: &str, kind: &str) -> String {
    json!({
        "connectionId": CALM, "from": "nango", "model": models, "providerConfigKey": "github", "success": false,
        "syncName": "github-issues", "syncType": kind, "syncVariant": "base", "type": "sync",
    })
    .to_string()
}

/// Sends a webhook to a worker, and returns the status of the reply.
async fn post(worker: &Program, key: &str, body: String) -> u16 {
    let request = http().post(format!("{}/webhook", worker.url()));
    let request = request.header("x-nango-hmac-sha256", sign(key, &body)).body(body);
    send(request).await.unwrap().status
}

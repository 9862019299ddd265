//! Kills the worker at random moments while syncs run, and compares its rows with Nango's records.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod bench;
mod changes;
mod kills;

use std::time::Duration;

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
async fn only_a_signed_webhook_rings() {
    let bench = Bench::start().await;
    // Only a webhook makes it read: the next sweep is far.
    let worker = bench.worker(&["--sweep-every", "3600"]);
    let is_known = async || bench.version(CALM).await > 0;
    eventually(LIMIT, "the first sweep", is_known).await;
    bench.records(CALM).save([json!({ "id": "1", "title": "a", "state": "open" })]).unwrap();

    let event = |model: &str, initial: bool| {
        let kind = if initial { "INITIAL" } else { "INCREMENTAL" };
        json!({
            "connectionId": CALM, "from": "nango", "model": model, "providerConfigKey": "github", "success": false,
            "syncName": "github-issues", "syncType": kind, "syncVariant": "base", "type": "sync",
        })
        .to_string()
    };
    let post = async |key: &str, body: String| {
        let request = http().post(format!("{}/webhook", worker.url()));
        let request = request.header("x-nango-hmac-sha256", sign(key, &body)).body(body);
        send(request).await.unwrap().status
    };
    let key = bench.emulator.signing_key();
    assert_eq!(post("another key", event("Issue", false)).await, 401);
    assert_eq!(post(&key, event("", false)).await, 200, "a run that was ended names no model");
    assert_eq!(post(&key, event("Comment", false)).await, 200);
    assert_eq!(post(&key, "{}".to_owned()).await, 200, "an unknown delivery would only come again");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(bench.rows(CALM).await.is_empty(), "it has read without a reason");

    assert_eq!(post(&key, event("Comment,Issue", false)).await, 200);
    bench.settle("a failed run keeps what it has saved").await;
    bench.records(CALM).clear();
    assert_eq!(post(&key, event("Issue", true)).await, 200);
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

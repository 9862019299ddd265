//! Replay of the exchanges recorded from a server with deployed functions. Between them, the bridges
//! do what was not recorded: they say what each function does, and wait for its runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nango_emulator::{Delivery, Emulator};
use serde_json::{Value, json};

use super::compare::{Replay, normalized};
use super::{provider, wire};
use crate::support::http;

const RECORDED_KEY: &str = "74a4697e-75d9-4482-9654-3338489b23d5";
const ENVIRONMENT: &str = "748c8a83-699b-4841-b4d8-009d79821990";

/// Models with records that requests name positions of.
const TABLES: [(&str, &str, &str); 2] =
    [("demo-apikey", "fn-1", "Contact"), ("demo-apikey", "fn-2", "Contact")];

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the recordings in the order made.
fn recordings() -> Vec<(u64, String, Value)> {
    let files = fs::read_dir(wire().join("functions/recordings")).unwrap();
    let mut all: Vec<_> = files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let number = name.split('-').next().unwrap().parse().unwrap();
            (number, name, read(&path))
        })
        .collect();
    all.sort_by_key(|(number, ..)| *number);
    all
}

async fn start(provider: &str) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.json");
    let text = fs::read_to_string(wire().join("emulator.json")).unwrap();
    let mut config: Value = serde_json::from_str(&text.replace("127.0.0.1:9310", provider)).unwrap();
    config["environment"]["uuid"] = json!(ENVIRONMENT);
    fs::write(&path, config.to_string()).unwrap();
    let builder = Emulator::builder().config_file(path).secret_key(RECORDED_KEY);
    // The URL has no receiver: only the content of the webhooks matters.
    builder.webhook_url("http://127.0.0.1:9/hook").start().await.unwrap()
}

#[tokio::test]
async fn every_recording_of_functions_passes() {
    let provider = provider::start().await;
    let nango = start(&provider).await;
    let recordings = recordings();
    let bridges = read(&wire().join("functions/bridges.json"));
    let mut bridges = bridges.as_array().unwrap().iter().peekable();
    let times = recorded_times(&recordings);
    let mut replay = Replay::new(nango.local_url()).without_headers();
    let (mut failures, mut passed) = (Vec::new(), 0);
    for (number, name, recording) in &recordings {
        while let Some(bridge) = bridges.next_if(|bridge| bridge["before"].as_u64().unwrap() <= *number) {
            let wrong = replay.run(&http(), &exchange(bridge, &nango)).await;
            assert!(wrong.is_empty(), "bridge {bridge}: {wrong:?}");
        }
        let mut wrong = Vec::new();
        if let Some(raw) = recording.get("raw_body").and_then(Value::as_str) {
            wrong = replay.find_webhook(raw, &bodies(&nango.deliveries()));
        } else {
            let mut recording = recording.clone();
            substitute_positions(&mut recording, &nango, &times);
            wrong.append(&mut replay.run(&http(), &recording).await);
        }
        if wrong.is_empty() {
            passed += 1;
        } else {
            failures.push(format!("{name}: {}", wrong.join("; ")));
        }
    }
    assert!(failures.is_empty(), "{passed} passed, failed:\n{}", failures.join("\n"));
    assert_eq!(passed, recordings.len());
    assert!(passed > 200, "{passed} recordings");
}

fn bodies(deliveries: &[Delivery]) -> Vec<Value> {
    deliveries.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

/// Returns a bridge in the form of a recording. Most are only to succeed.
fn exchange(bridge: &Value, nango: &Emulator) -> Value {
    let mut headers = json!({ "authorization": format!("Bearer {}", nango.secret_key()) });
    for (name, value) in bridge["headers"].as_object().into_iter().flatten() {
        headers[name] = value.clone();
    }
    let mut request = json!({ "method": bridge["method"], "path": bridge["path"], "headers": headers });
    if let Some(body) = bridge.get("body") {
        request["headers"]["content-type"] = json!("application/json");
        request["body"] = json!(body.to_string());
    }
    let mut recording = json!({ "request": request, "succeeds": true });
    if let Some(answer) = bridge.get("answer") {
        recording["answer"] = answer.clone();
    }
    substitute_positions(&mut recording, nango, &BTreeMap::new());
    recording
}

/// Returns the internal id of the record that a cursor is about.
fn record_of(cursor: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    text.split_once("||").map(|(_, id)| id.to_owned())
}

/// Returns what the live records are at: by internal id, time and cursor.
fn live(nango: &Emulator) -> BTreeMap<String, (String, String)> {
    let mut all = BTreeMap::new();
    for (integration, connection, model) in TABLES {
        let Ok(records) = nango.records(integration, connection, model) else { continue };
        for record in records.list() {
            let text = |name: &str| record["_nango_metadata"][name].as_str().unwrap().to_owned();
            let cursor = text("cursor");
            all.insert(record_of(&cursor).unwrap(), (text("last_modified_at"), cursor));
        }
    }
    all
}

/// Returns the records' internal ids by the recorded times of their changes.
fn recorded_times(recordings: &[(u64, String, Value)]) -> BTreeMap<String, String> {
    let mut times = BTreeMap::new();
    for (.., recording) in recordings {
        let body = recording["response"]["body"].as_str().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        for record in body["records"].as_array().into_iter().flatten() {
            let metadata = &record["_nango_metadata"];
            let at = metadata["last_modified_at"].as_str().unwrap().replace("+00:00", "");
            times.insert(at, record_of(metadata["cursor"].as_str().unwrap()).unwrap());
        }
    }
    times
}

/// Replaces recorded cursors and times of changes by those of the same records here: their internal
/// ids are the same.
fn substitute_positions(recording: &mut Value, nango: &Emulator, times: &BTreeMap<String, String>) {
    let live = live(nango);
    let request = &mut recording["request"];
    let (path, query) = match request["path"].as_str().unwrap().split_once('?') {
        Some((path, query)) => (path.to_owned(), query.to_owned()),
        None => (request["path"].as_str().unwrap().to_owned(), String::new()),
    };
    if query.contains("cursor=") || query.contains("modified_after=") || query.contains("delta=") {
        let mut new = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = match &*name {
                "cursor" => cursor_here(&value, &live),
                "modified_after" | "delta" => time_here(&value, &live, times, nango),
                _ => value.into_owned(),
            };
            new.append_pair(&name, &value);
        }
        request["path"] = json!(format!("{path}?{}", new.finish()));
    }
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap_or_default()).unwrap_or_default();
    if let Some(cursor) = body["until_cursor"].as_str() {
        let mut body = body.clone();
        body["until_cursor"] = json!(cursor_here(cursor, &live));
        request["body"] = json!(body.to_string());
    }
}

fn cursor_here(cursor: &str, live: &BTreeMap<String, (String, String)>) -> String {
    let here = record_of(cursor).and_then(|id| live.get(&id));
    here.map_or_else(|| cursor.to_owned(), |(_, cursor)| cursor.clone())
}

fn time_here(
    recorded: &str,
    live: &BTreeMap<String, (String, String)>,
    times: &BTreeMap<String, String>,
    nango: &Emulator,
) -> String {
    // A request may have cut the time to milliseconds.
    let cut = recorded.trim_end_matches('Z');
    let found = times.iter().find(|(at, _)| cut.len() > 19 && at.starts_with(cut));
    if let Some((at, _)) = found.and_then(|(_, id)| live.get(id)) {
        let digits = cut.len().min(at.len() - "+00:00".len());
        return format!("{}Z", &at[..digits]);
    }
    if recorded == "2026-11-28T01:22:52.226Z" {
        let sent = bodies(&nango.deliveries());
        let success = sent.iter().rfind(|body| body["type"] == "sync" && body["success"] == true).unwrap();
        return success["modifiedAfter"].as_str().unwrap().to_owned();
    }
    let today = nango_time(nango).to_string();
    recorded.replace("2026-11-28", &today[..10])
}

fn nango_time(nango: &Emulator) -> jiff::Timestamp {
    jiff::Timestamp::try_from(nango.now()).unwrap()
}

#[test]
fn normalization_leaves_what_a_cursor_is_about() {
    let cursor = STANDARD.encode("2026-11-28T01:00:00+00:00||0224a748-e0b0-5e69-abc5-e8d58792750e");
    let one = normalized(json!({ "next_cursor": cursor, "at": "(a.cjs:66:35)" }));
    assert_eq!(one, json!({ "next_cursor": "record 0224a748e0b05e69abc5e8d58792750e", "at": "(a.cjs)" }));
}

//! Replay of every recorded exchange against the emulator. Compares status, shape, codes, keys and
//! values. Values that differ between runs are learned from each reply and substituted later.

mod compare;
mod functions;
mod provider;

use std::{fs, path::PathBuf};

use nango_emulator::Emulator;
use serde_json::{Value, json};

use self::compare::Replay;
use crate::support::http;

const RECORDED_KEY: &str = "a14d5dc4-80fc-4b89-adc4-c4e586e75b55";

fn wire() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/wire")
}

/// Returns all recordings and the bridges between them in order, with the provider's address.
fn recordings(provider: &str) -> Vec<(String, Value)> {
    let mut files: Vec<_> = ["recordings", "bridges"]
        .iter()
        .flat_map(|folder| fs::read_dir(wire().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(path).unwrap().replace("127.0.0.1:9310", provider);
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn every_recording_passes_twice() {
    let provider = provider::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("emulator.json");
    let text = fs::read_to_string(wire().join("emulator.json")).unwrap();
    fs::write(&config, text.replace("127.0.0.1:9310", &provider)).unwrap();
    let nango = Emulator::builder()
        .config_file(config)
        .secret_key(RECORDED_KEY)
        // The URL has no receiver: only the content of the webhooks matters.
        .webhook_url("http://127.0.0.1:9/hook")
        .start()
        .await
        .unwrap();
    let recordings = recordings(&provider);
    for _ in 0..2 {
        nango.reset();
        let replay = play(&nango, &recordings).await;
        check_webhooks(&nango, &recordings, &replay);
    }
}

async fn play(nango: &Emulator, recordings: &[(String, Value)]) -> Replay {
    let mut replay = Replay::new(nango.local_url());
    let mut failures = Vec::new();
    let mut passed = 0;
    for (name, recording) in recordings {
        if recording.get("request").is_none() {
            continue;
        }
        match replay.run(&http(), recording).await {
            wrong if wrong.is_empty() => passed += 1,
            wrong => failures.push(format!("{name}: {}", wrong.join("; "))),
        }
    }
    assert!(failures.is_empty(), "{passed} passed, failed:\n{}", failures.join("\n"));
    assert!(passed > 290, "{passed} recordings");
    replay
}

/// Compares every recorded webhook about a replayed connection.
fn check_webhooks(nango: &Emulator, recordings: &[(String, Value)], replay: &Replay) {
    let sent: Vec<Value> =
        nango.deliveries().iter().map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect();
    let mut checked = 0;
    for (name, recording) in recordings {
        let Some(raw) = recording.get("raw_body").and_then(Value::as_str) else { continue };
        let recorded: Value = serde_json::from_str(raw).unwrap();
        let known = recorded["connectionId"].as_str().is_some_and(|id| replay.knows(id));
        if !known || recorded["success"] != json!(true) {
            continue;
        }
        let expected: Value = serde_json::from_str(&replay.substitute(raw)).unwrap();
        assert!(sent.contains(&expected), "{name}: not sent");
        checked += 1;
    }
    assert!(checked >= 5, "{checked} webhooks");
}

/// Signatures of recorded webhooks match the emulator's over the same bytes.
#[test]
fn recorded_webhooks_are_signed_and_sorted() {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    for (name, recording) in recordings("127.0.0.1:9310") {
        let Some(raw) = recording.get("raw_body").and_then(Value::as_str) else { continue };
        let key = recording["signing_key"].as_str().unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(raw.as_bytes());
        let expected = hex::encode(mac.finalize().into_bytes());
        assert_eq!(recording["headers"]["x-nango-hmac-sha256"], expected.as_str(), "{name}");
    }
}

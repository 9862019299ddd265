use std::time::{Duration, Instant};

use nango_emulator::{Credentials, Emulator};
use serde_json::{Value, json};

use super::{create, emulator, post};

const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Returns how many sessions and flows the data file has.
async fn stored(nango: Emulator, file: &std::path::Path) -> (usize, usize) {
    nango.stop().await;
    let state: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let count = |name: &str| state[name].as_object().unwrap().len();
    (count("sessions"), count("flows"))
}

/// However few they are.
#[tokio::test]
async fn expired_sessions_are_removed_as_new_ones_come() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let nango = Emulator::builder().data_file(file.clone()).start().await.unwrap();
    for _ in 0..40 {
        let _ = nango.create_session(&[]);
    }
    nango.advance(LIFETIME - Duration::from_secs(60));
    let living = nango.create_session(&[]);
    nango.advance(Duration::from_secs(61));
    for _ in 0..20 {
        assert_eq!(post(&nango, "/connect/sessions", json!({ "tags": {} })).await, "201");
    }
    let made = nango.connect(&living, "openai", Credentials::api_key("k")).await;
    assert!(made.is_ok(), "a session that has not expired stays");
    assert_eq!(stored(nango, &file).await, (21, 0));
}

#[tokio::test]
async fn sessions_of_a_data_file_expire_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let nango = Emulator::builder().data_file(file.clone()).start().await.unwrap();
    let tokens: Vec<_> = (0..6).map(|_| nango.create_session(&[])).collect();
    assert_eq!(stored(nango, &file).await, (6, 0));
    let nango = Emulator::builder().data_file(file.clone()).start().await.unwrap();
    assert!(nango.connect(&tokens[0], "openai", Credentials::api_key("k")).await.is_ok());
    nango.advance(LIFETIME + Duration::from_secs(1));
    for _ in 0..3 {
        let _ = nango.create_session(&[]);
    }
    assert_eq!(stored(nango, &file).await, (3, 0));
}

/// The time of forty creations over HTTP.
async fn time_of_forty(nango: &Emulator) -> Duration {
    let client = crate::support::http();
    let begun = Instant::now();
    for _ in 0..40 {
        let asked = client.post(format!("{}/connect/sessions", nango.local_url()));
        let asked = asked.header("authorization", nango.secret_key());
        let asked = asked.header("content-type", "application/json").body(r#"{"tags":{}}"#);
        assert_eq!(asked.send().await.unwrap().status(), 201);
    }
    begun.elapsed()
}

#[tokio::test]
async fn creation_does_not_get_slower_with_every_session() {
    let (few, many) = (emulator().await, emulator().await);
    for _ in 0..60_000 {
        let _ = many.create_session(&[("a", "b")]);
    }
    // In turns and the best of each, since other work of the machine only adds to a time.
    let (mut fast, mut slow) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        fast = fast.min(time_of_forty(&few).await);
        slow = slow.min(time_of_forty(&many).await);
    }
    assert!(slow < fast * 3, "{fast:?} with few sessions, {slow:?} with 60,000");
    assert_eq!(create(json!({ "tags": {} })).await, "201");
}

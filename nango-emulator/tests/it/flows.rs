//! Connecting, reconnecting, and their webhooks.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use nango_emulator::{Credentials, DeliveryState, Emulator, EmulatorError};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Receiver, call, session};

#[tokio::test]
async fn several_emulators_start_in_milliseconds() {
    let (mut emulators, mut fastest) = (Vec::new(), Duration::MAX);
    for _ in 0..20 {
        let started = Instant::now();
        let emulator = Emulator::builder().start().await.unwrap();
        assert_eq!(call(&emulator, Method::GET, "/connections", None).await.0, 200);
        fastest = fastest.min(started.elapsed());
        emulators.push(emulator);
    }
    let urls: HashSet<_> = emulators.iter().map(Emulator::url).collect();
    assert_eq!(urls.len(), emulators.len());
    // What else the machine does may delay one or other of them, by much more than a start takes.
    assert!(fastest < Duration::from_millis(300), "{fastest:?}");
}

#[tokio::test]
async fn dropping_an_emulator_frees_its_port() {
    let nango = Emulator::builder().start().await.unwrap();
    let address = nango.local_url().trim_start_matches("http://").to_owned();
    assert_eq!(call(&nango, Method::GET, "/health", None).await.0, 200);
    drop(nango);
    let again = Emulator::builder().listen(&address).start().await.unwrap();
    assert_eq!(call(&again, Method::GET, "/connections", None).await.0, 200);
    let taken = Emulator::builder().listen(&address).start().await.unwrap_err();
    assert!(matches!(taken, EmulatorError::Bind { .. }));
}

#[tokio::test]
async fn api_key_connection_sends_a_signed_webhook() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    let token = session(&nango, json!({ "tags": { "End_User_Id": "Zoë 😀" } })).await;
    let made = nango.connect(&token, "openai", Credentials::api_key("sk-1")).await.unwrap();
    let bodies = receiver.bodies(1).await;
    assert_eq!(bodies[0]["operation"], "creation");
    assert_eq!(bodies[0]["tags"], json!({ "end_user_id": "Zoë 😀" }));
    let (headers, raw) = &receiver.all()[0];
    let mut mac = Hmac::<Sha256>::new_from_slice(nango.signing_key().as_bytes()).unwrap();
    mac.update(raw);
    let expected = hex::encode(mac.finalize().into_bytes());
    assert_eq!(headers["x-nango-hmac-sha256"], expected.as_str());
    let path = format!("/connections/{}?provider_config_key=openai", made.connection_id);
    let (status, connection) = call(&nango, Method::GET, &path, None).await;
    assert_eq!(status, 200);
    assert_eq!(connection["credentials"], json!({ "type": "API_KEY", "apiKey": "sk-1" }));
    assert!(nango.wait_for_deliveries(Duration::from_secs(5)).await);
    assert_eq!(nango.deliveries()[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn bare_reconnect_resets_the_fields_that_nango_resets() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    for (integration, credentials, metadata) in [
        ("openai", Credentials::api_key("k"), json!({})),
        ("slack", Credentials::oauth2(), json!({ "m": 1 })),
    ] {
        let token = session(&nango, json!({ "tags": { "end_user_id": "r" } })).await;
        let made = nango.connect(&token, integration, credentials.clone()).await.unwrap();
        let id = made.connection_id;
        let body = json!({
            "connection_id": id, "provider_config_key": integration, "metadata": { "m": 1 }
        });
        assert_eq!(call(&nango, Method::POST, "/connections/metadata", Some(body)).await.0, 201);
        let path = format!("/connections/{id}?provider_config_key={integration}");
        let before = call(&nango, Method::GET, &path, None).await.1;
        let body = json!({ "connection_id": id, "integration_id": integration });
        let (status, answer) = call(&nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
        assert_eq!(status, 201);
        let token = answer["data"]["token"].as_str().unwrap();
        let again = nango.connect(token, integration, credentials).await.unwrap();
        assert_eq!(again.connection_id, id);
        let after = call(&nango, Method::GET, &path, None).await.1;
        assert_eq!(after["id"], before["id"]);
        assert_eq!(after["tags"], json!({}));
        assert_eq!(after["metadata"], metadata, "{integration}");
    }
    let operations: Vec<Value> =
        receiver.bodies(4).await.iter().map(|body| body["operation"].clone()).collect();
    assert_eq!(operations.iter().filter(|one| *one == "override").count(), 2);
}

#[tokio::test]
async fn denied_reconnect_sends_creation_and_changes_nothing() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    let token = session(&nango, json!({ "tags": { "end_user_id": "d" } })).await;
    let made = nango.connect(&token, "hubspot", Credentials::oauth2()).await.unwrap();
    let body = json!({ "connection_id": made.connection_id, "integration_id": "hubspot" });
    let (_, answer) = call(&nango, Method::POST, "/connect/sessions/reconnect", Some(body)).await;
    let token = answer["data"]["token"].as_str().unwrap();
    assert_eq!(nango.deny(token, "hubspot").await.unwrap(), "callback_err");
    let failure = receiver.bodies(2).await.pop().unwrap();
    assert_eq!(failure["operation"], "creation");
    assert_eq!(failure["success"], false);
    assert_eq!(failure["connectionId"], made.connection_id);
    assert!(failure.get("tags").is_none());
    let path = format!("/connections/{}?provider_config_key=hubspot", made.connection_id);
    assert_eq!(call(&nango, Method::GET, &path, None).await.1["tags"]["end_user_id"], "d");
}

#[tokio::test]
async fn session_is_limited_to_its_integrations() {
    let nango = Emulator::builder().start().await.unwrap();
    let body = json!({ "tags": {}, "allowed_integrations": ["openai"] });
    let token = session(&nango, body).await;
    let refused = nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap_err();
    let EmulatorError::Refused { code } = refused else { panic!("{refused}") };
    assert_eq!(code, "integration_not_allowed");
}

#[tokio::test]
async fn state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nango.json");
    let start = || Emulator::builder().data_file(&file).start();
    let nango = start().await.unwrap();
    let token = session(&nango, json!({ "tags": { "end_user_id": "p" } })).await;
    let made = nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
    // The copy is the file that a kill leaves: every answered change is in it.
    let copy = folder.path().join("copy.json");
    std::fs::copy(&file, &copy).unwrap();
    nango.stop().await;
    for file in [&file, &copy] {
        let nango = Emulator::builder().data_file(file).start().await.unwrap();
        let (_, list) = call(&nango, Method::GET, "/connections", None).await;
        assert_eq!(list["connections"][0]["connection_id"], made.connection_id);
        let again = nango.connect(&token, "openai", Credentials::api_key("k2")).await.unwrap();
        assert_ne!(again.connection_id, made.connection_id);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_may_read_the_data_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nango.json");
    // What an older program or another user has left beside the file.
    let beside = folder.path().join("nango.json.tmp");
    std::fs::write(&beside, "").unwrap();
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o666)).unwrap();
    let _nango = Emulator::builder().data_file(&file).start().await.unwrap();
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

use reqwest::Method;
use serde_json::{Value, json};

use super::{say, with};
use crate::support::{Receiver, call, http};
use nango_emulator::Emulator;

const ENVIRONMENT: &str = "d0c5ec2e-0000-4000-8000-00000000e001";

/// Starts an emulator whose `acme` forwards webhooks, and their receiver.
async fn acme() -> (Emulator, Receiver, String) {
    let (receiver, url) = Receiver::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("providers.json");
    let acme = json!({ "display_name": "Acme", "auth_mode": "API_KEY", "webhook_routing_script": "x" });
    std::fs::write(&file, json!({ "acme": acme }).to_string()).unwrap();
    let nango = Emulator::builder().providers_file(file).webhook_url(url).start().await.unwrap();
    let body = json!({ "provider": "acme", "unique_key": "acme" });
    assert_eq!(call(&nango, Method::POST, "/integrations", Some(body)).await.0, 200);
    let hook = format!("{}/webhook/{ENVIRONMENT}", nango.local_url());
    (nango, receiver, hook)
}

#[tokio::test]
async fn path_parameters_are_validated() {
    let (nango, _, hook) = acme().await;
    let at = |path: &str| say(with(http().post(format!("{}/webhook/{path}", nango.local_url())), &json!({})));
    assert_eq!(
        at("zzz/a%2Fb").await,
        "400 invalid_uri_params invalid_format@environmentUuid invalid_format@providerConfigKey"
    );
    assert_eq!(at("11111111-2222-4333-8444-555555555555/none").await, "404 unknown_environment");
    assert_eq!(
        say(with(http().post(format!("{hook}/none")), &json!({}))).await,
        "404 unknown_provider_config"
    );
    assert_eq!(say(with(http().post(format!("{hook}/openai")), &json!({}))).await, "204");
    assert_eq!(say(with(http().post(format!("{hook}/acme")), &json!({}))).await, "200");
    assert_eq!(say(http().post(format!("{hook}/acme"))).await, "200");
}

#[tokio::test]
async fn forwarded_webhook_has_an_envelope_only_with_a_connection() {
    let (nango, receiver, hook) = acme().await;
    let body = json!({ "provider_config_key": "acme", "connection_id": "c", "credentials": { "type": "API_KEY", "apiKey": "k" } });
    assert_eq!(call(&nango, Method::POST, "/connections", Some(body)).await.0, 201);
    receiver.bodies(1).await;
    let send = |body: &Value| {
        let asked = with(http().post(format!("{hook}/acme")), body).header("x-acme-event", "e");
        say(asked.header("authorization", "secret").header("cookie", "a=b"))
    };
    let named = json!({ "z": 1, "connectionId": "c", "a": { "y": 1, "b": 2 } });
    assert_eq!(send(&named).await, "200");
    let got = receiver.bodies(2).await.pop().unwrap();
    let envelope = json!({ "connectionId": "c", "from": "acme", "payload": named, "providerConfigKey": "acme", "type": "forward" });
    assert_eq!(got, envelope);
    assert_eq!(send(&json!({ "z": 1, "connectionId": "none" })).await, "200");
    receiver.bodies(3).await;
    let (headers, bytes) = receiver.all().pop().unwrap();
    assert_eq!(&bytes[..], br#"{"connectionId":"none","z":1}"#);
    assert_eq!(headers["x-acme-event"], "e");
    assert!(!headers.contains_key("authorization") && !headers.contains_key("cookie"));
    assert!(headers.contains_key("x-nango-hmac-sha256"));
}

#[tokio::test]
async fn form_bodies_are_parsed() {
    let (_nango, receiver, hook) = acme().await;
    let form =
        http().post(format!("{hook}/acme")).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(say(form.body("b=2&a[x]=1")).await, "200");
    assert_eq!(receiver.bodies(1).await[0], json!({ "a": { "x": "1" }, "b": "2" }));
}

#[tokio::test]
async fn integration_can_disable_forwarding() {
    let (nango, receiver, hook) = acme().await;
    let off = json!({ "forward_webhooks": false });
    assert_eq!(call(&nango, Method::PATCH, "/integrations/acme", Some(off)).await.0, 200);
    assert_eq!(say(with(http().post(format!("{hook}/acme")), &json!({ "a": 1 }))).await, "200");
    assert!(nango.deliveries().is_empty());
    assert!(receiver.all().is_empty());
}

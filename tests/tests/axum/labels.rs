//! Labels: the account behind a connection, as the provider names it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nango_core::{NangoBuilder, OwnedConnection};
use nango_emulator::{Account, Credentials};
use nango_tests::{App, eventually};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

fn by_slack(builder: NangoBuilder) -> NangoBuilder {
    builder.label_with(|connection: OwnedConnection| async move {
        let account: Value = connection.proxy().get("/auth.test").send().await?.json()?;
        Ok(account["team"].as_str().map(str::to_owned))
    })
}

#[tokio::test]
async fn two_accounts_of_one_provider_have_their_names() {
    let app = App::configured(by_slack).await;
    let token = app.browser("alice").session_token("").await;
    for email in ["anna@example.com", "anna.work@example.com"] {
        let credentials = Credentials::oauth2().account(Account::new(email).team(email));
        app.emulator.connect(&token, "slack", credentials).await.unwrap();
        app.settled().await;
    }
    let list = app.browser("alice").connections("/nango").await;
    let mut labels: Vec<_> = list.iter().map(|item| item["label"].as_str().unwrap()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["anna.work@example.com", "anna@example.com"]);
}

#[tokio::test]
async fn a_failure_leaves_it_empty_and_is_retried() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let app = App::configured(move |builder| {
        builder.label_with(move |_| {
                let call = counted.fetch_add(1, Ordering::SeqCst);
                async move {
                    if call == 0 { Err("the provider is out".into()) } else { Ok(Some("Acme".to_owned())) }
                }
            })
    })
    .await;
    let connection = app.connect("alice", "sk-1").await;
    app.settled().await;
    assert_eq!(app.browser("alice").connections("/nango").await[0]["label"], json!(null));
    connection.check().await.unwrap();
    app.settled().await;
    let labelled = app.nango.connection(connection.owner(), "openai").await.unwrap();
    assert_eq!((labelled.label(), calls.load(Ordering::SeqCst)), (Some("Acme"), 2));
    labelled.check().await.unwrap();
    app.settled().await;
    assert_eq!(calls.load(Ordering::SeqCst), 2, "it is asked for once");
}

#[tokio::test]
async fn the_apps_own_label_stays() {
    let app = App::configured(by_slack).await;
    let connection = app.connect("alice", "sk-1").await;
    let named = connection.set_label(Some(" Support\n")).await.unwrap();
    assert_eq!(named.label(), Some("Support"));
    named.check().await.unwrap();
    app.settled().await;
    let list = app.browser("alice").connections("/nango").await;
    assert_eq!(list[0]["label"], "Support");
    assert!(!format!("{named:?}").contains("Support"));
    connection.disconnect().await.unwrap();
    assert!(connection.set_label(None).await.is_err());
}

#[tokio::test]
async fn a_label_of_the_account_before_a_reconnect_is_not_kept() {
    let (answers, asked) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, counted) = (answers.clone(), asked.clone());
    let app = App::configured(move |builder| {
        builder.track_attempts().label_with(move |_| {
            let (held, call) = (held.clone(), counted.fetch_add(1, Ordering::SeqCst));
            async move {
                held.acquire().await?.forget();
                Ok(Some(format!("account {call}")))
            }
        })
    })
    .await;
    let alice = app.browser("alice");
    let token = alice.session_token("").await;
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-1")).await.unwrap();
    eventually(Duration::from_secs(5), "the question", async || asked.load(Ordering::SeqCst) == 1).await;
    // The answer is on its way while the person chooses another account.
    let token = alice.post("/nango/reconnect-token", r#"{"integration":"openai"}"#).await.json();
    let token = token["sessionToken"].as_str().unwrap();
    app.emulator.connect(token, "openai", Credentials::api_key("sk-2")).await.unwrap();
    assert!(app.emulator.wait_for_deliveries(Duration::from_secs(15)).await);
    answers.add_permits(2);
    app.settled().await;
    assert_eq!(alice.connections("/nango").await[0]["label"], "account 1");
}

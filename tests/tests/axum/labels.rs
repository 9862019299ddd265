//! Labels: the account behind a connection, as the provider names it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nango_core::{NangoBuilder, OwnedConnection};
use nango_emulator::{Account, Credentials};
use nango_tests::App;
use serde_json::{Value, json};

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

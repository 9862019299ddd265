//! The app's handler, and connections that are not this app's.

use std::time::Duration;

use nango_core::{BoxError, ConnectionChanged, Nango, WebhookHandler, async_trait};
use nango_emulator::Credentials;
use nango_tests::eventually;

use crate::Failures;

/// A handler that fails in one of three ways, by the user's name.
struct Failing;

#[async_trait]
impl WebhookHandler for Failing {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        match event.connection.owner().id() {
            "alice" => Err("the mail server is down".into()),
            "bob" => panic!("a bug of the app"),
            _ => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                Ok(())
            }
        }
    }
}

#[tokio::test]
async fn a_handler_that_fails_panics_or_hangs() {
    for (user, says) in [
        ("alice", "the mail server is down"),
        ("bob", "it panicked; the panic's message is in the program's error output"),
        (
            "carol",
            "it exceeded its time; hand long work to a queue of the app's, or raise the event worker's `time_limit`",
        ),
    ] {
        let (app, failures) = Failures::app(|builder| builder.handler(Failing)).await;
        let token = app.browser(user).session_token("{}").await;
        app.emulator.connect(&token, "openai", Credentials::api_key("key")).await.unwrap();
        app.settled().await;
        app.nango.settled().await;
        let text = format!("handler: the webhook handler failed for a connection of openai: {says}");
        assert_eq!(failures.take(&app), [text]);
        assert_eq!(app.nango.counters().handler_failures, 1);
    }
}

#[tokio::test]
async fn a_delivery_of_another_environment() {
    let (app, failures) = Failures::app(|builder| builder.environment("prod")).await;
    let token = app.browser("alice").session_token("{}").await;
    app.emulator.connect(&token, "openai", Credentials::api_key("key")).await.unwrap();
    app.settled().await;
    assert_eq!(
        failures.take(&app),
        [
            "other_environment: a webhook of the environment `dev` was ignored; remove this app's webhook URL there, or correct \
          `.environment(..)`"
        ]
    );
    let report = app.nango.check_setup().await;
    let found: Vec<_> = report.problems().map(ToString::to_string).collect();
    assert!(
        found.contains(
            &"environment: failed: deliveries come from `dev`, and the app is for `prod`; remove this app's webhook URL there, \
              or correct `.environment(..)`"
                .to_owned()
        ),
        "{report}"
    );
}

/// A connection without tags is the app's fault. One of another app is not, and is no failure.
#[tokio::test]
async fn a_connection_without_an_owner_and_one_of_another_app() {
    let (app, failures) = Failures::app(|builder| builder.app("billing")).await;
    for (tags, says) in [
        (
            &[("plan", "pro")][..],
            Some(
                "misattributed: a connection of openai was not stored: no tag identifies an owner; nango has it, and \
                 `Nango::adopt` gives it to an owner",
            ),
        ),
        (&[("end_user_id", "alice"), ("owner_kind", "crm/user")], None),
        (&[("end_user_id", "alice")], None),
    ] {
        let token = app.emulator.create_session(tags);
        app.emulator.connect(&token, "openai", Credentials::api_key("key")).await.unwrap();
        app.settled().await;
        assert_eq!(failures.take(&app), says.into_iter().collect::<Vec<_>>(), "{tags:?}");
    }
    assert_eq!(app.nango.counters().quarantined, 3);
}

#[tokio::test]
async fn a_sweeper_says_what_fails_in_the_background() {
    let (app, failures) = Failures::app(|builder| builder.host("http://127.0.0.1:1")).await;
    let body = r#"{"from":"nango","type":"auth","operation":"creation","success":true,"connectionId":"c","providerConfigKey":"slack"}"#;
    let signature = nango_tests::sign(&app.emulator.signing_key(), body);
    assert_eq!(app.stranger().deliver(body, &signature).await.status, 200);
    let look = "look: could not look at a connection of slack: could not read a connection at 127.0.0.1:1: connection refused; \
                check the Nango host (NANGO_HOST), and whether Nango runs there; its state stays, and the look is retried";
    // The list is read first.
    assert_eq!(failures.take(&app), [look.replace("read a connection", "list connections")]);
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(300));
    eventually(Duration::from_secs(10), "the mark is looked at", async || {
        failures.take(&app).contains(&look.to_owned())
    })
    .await;
    sweeper.stop().await;
}

//! Records, syncs, actions, credentials and streamed replies of an owner's connection.

use std::time::Duration;

use futures_util::StreamExt as _;
use nango_core::{
    ActionOutcome, Credentials, Error, ErrorKind, OwnedConnection, RecordData, SyncRecord, SyncState,
};
use nango_emulator::{CallFaults, FunctionError};
use nango_tests::{App, User};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize)]
struct Issue {
    title: String,
}

/// An app whose user alice has a connection, and a sync that saves two issues.
async fn synced() -> (App, OwnedConnection) {
    let app = App::start().await;
    let issues = [json!({"id": "1", "title": "First"}), json!({"id": "2", "title": "Second"})];
    app.emulator.sync("openai", "issues").model("Issue").records(issues).deploy().unwrap();
    let connection = app.connect("alice", "sk-of-alice").await;
    assert!(app.emulator.wait_for_runs(Duration::from_secs(10)).await);
    app.settled().await;
    (app, connection)
}

fn kind<T>(outcome: Result<T, impl Into<Error>>) -> Option<ErrorKind> {
    outcome.err().map(|error| error.into().kind())
}

#[tokio::test]
async fn records_are_read_on_from_a_position_by_their_owner_alone() {
    let (app, connection) = synced().await;
    let mut pages = connection.records::<Issue>("Issue").limit(1).pages();
    let mut titles = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        titles.extend(page.into_iter().filter_map(SyncRecord::into_present).map(|issue| issue.title));
    }
    titles.sort();
    assert_eq!(titles, ["First", "Second"]);
    let position = pages.position().unwrap().clone();
    let rest = || connection.records::<Issue>("Issue").after(position.clone());
    assert!(rest().send().await.unwrap().records.is_empty());

    let saved = app.emulator.records("openai", connection.key().connection_id(), "Issue").unwrap();
    saved.save([json!({"id": "1", "title": "Changed"})]).unwrap();
    let changed: Vec<_> =
        rest().stream().map(|record| record.unwrap().into_present().unwrap()).collect().await;
    assert_eq!(changed, [Issue { title: "Changed".to_owned() }]);
    let pruned = connection.prune_records("Issue", &position).send().await.unwrap();
    assert!(pruned.count > 0);
    let page = connection.records::<Issue>("Issue").send().await.unwrap();
    assert!(page.records.iter().any(|record| matches!(record.data, RecordData::Pruned)));

    // Bob has a connection to the same integration, and not one record of alice's.
    let bob = User::named("bob").unwrap();
    assert_eq!(kind(app.nango.connection(&bob, "openai").await), Some(ErrorKind::NotFound));
    assert_eq!(
        kind(app.nango.connection_by_handle(&bob, &connection.handle()).await),
        Some(ErrorKind::NotFound)
    );
    saved.clear();
    saved.save([json!({"id": "of alice", "title": "Secret"})]).unwrap();
    let theirs = app.connect("bob", "sk-of-bob").await;
    assert!(app.emulator.wait_for_runs(Duration::from_secs(10)).await);
    let theirs = theirs.records::<Value>("Issue").send().await.unwrap();
    assert!(theirs.records.iter().all(|record| record.id != "of alice"), "{theirs:?}");
}

#[tokio::test]
async fn a_deleted_connection_has_neither_records_nor_functions() {
    let (app, connection) = synced().await;
    app.emulator.action("openai", "echo", |call| async move { Ok(call.input) }).unwrap();
    connection.disconnect().await.unwrap();
    let gone = Some(ErrorKind::NotFound);
    assert_eq!(kind(connection.records::<Issue>("Issue").send().await), gone);
    assert_eq!(kind(connection.sync("issues").status().await), gone);
    assert_eq!(kind(connection.sync("issues").trigger().send().await), gone);
    assert_eq!(kind(connection.action::<(), ()>("echo").run(&()).await), gone);
    assert_eq!(kind(connection.credentials().await), gone);
    assert_eq!(kind(connection.proxy().get("/me").send_streamed().await), gone);
}

#[tokio::test]
async fn a_sync_is_run_paused_and_started_and_has_a_variant() {
    let (app, connection) = synced().await;
    let issues = connection.sync("issues");
    issues.pause().await.unwrap();
    let status = issues.status().await.unwrap().unwrap();
    assert_eq!((&*status.name, &status.status), ("issues", &SyncState::Paused));
    let runs = issues.trigger().run(Duration::from_secs(20)).await.unwrap();
    assert_eq!((runs.ended.len(), runs.pending.len()), (1, 0));
    issues.start().await.unwrap();
    let frequency = issues.set_frequency(Some("every 5 minutes")).await.unwrap();
    assert_eq!(frequency.frequency, "5 minutes");
    assert_eq!(connection.sync("missing").status().await.unwrap(), None);
    assert_eq!(kind(connection.sync("missing").start().await), Some(ErrorKind::Refused));

    let team = connection.sync("issues::team-2");
    assert!(team.records::<Issue>("Issue").send().await.unwrap().records.is_empty());
    connection.syncs().create_variant(&"issues::team-2".into()).await.unwrap();
    assert!(app.emulator.wait_for_runs(Duration::from_secs(10)).await);
    assert_eq!(team.records::<Issue>("Issue").send().await.unwrap().records.len(), 2);
    assert_eq!(issues.records::<Issue>("Issue").send().await.unwrap().records.len(), 2);
}

#[derive(Serialize)]
struct NewIssue<'a> {
    title: &'a str,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Created {
    number: u64,
}

#[tokio::test]
async fn an_action_has_types_and_three_outcomes() {
    let (app, connection) = synced().await;
    let create = |call: nango_emulator::ActionCall| async move {
        match call.input["title"].as_str() {
            Some("") => Err(FunctionError::action(json!({"missing": "title"}))),
            Some(title) => Ok(json!({"number": title.len()})),
            None => Ok(Value::Null),
        }
    };
    app.emulator.action("openai", "create-issue", create).unwrap();
    let action = connection.action::<NewIssue<'_>, Created>("create-issue");
    let crash = NewIssue { title: "Crash" };
    assert_eq!(action.run(&crash).await.unwrap().output().unwrap(), Created { number: 5 });
    connection.action::<(), ()>("create-issue").run(&()).await.unwrap().output().unwrap();

    let untitled = NewIssue { title: "" };
    let ActionOutcome::Failed(failure) = action.run(&untitled).await.unwrap() else { panic!("not failed") };
    assert_eq!(failure.payload, Some(json!({"missing": "title"})));
    assert_eq!(kind(ActionOutcome::<()>::Failed(failure).output()), Some(ErrorKind::ScriptFailed));

    // Nango itself does not know, or its reply is lost: the action may have run.
    app.emulator.hide_action_errors(1);
    assert!(matches!(action.run(&untitled).await, Ok(ActionOutcome::Unknown(_))));
    app.emulator.fail_calls(CallFaults::hang_up("/action/trigger", 1));
    let lost = action.run(&crash).await.unwrap();
    assert_eq!(kind(lost.output()), Some(ErrorKind::Unavailable));

    let started = action.start(&crash).await.unwrap();
    let outcome = action.wait(&started, Duration::from_secs(20)).await.unwrap();
    assert_eq!(outcome.output().unwrap(), Created { number: 5 });
    let wrong = connection.action::<NewIssue<'_>, String>("create-issue").run(&crash).await;
    assert_eq!(kind(wrong), Some(ErrorKind::Decode));
    let missing = connection.action::<(), ()>("no-such-action").run(&()).await;
    assert_eq!(kind(missing), Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn credentials_are_those_of_the_connection_that_was_looked_up() {
    let (app, connection) = synced().await;
    let Credentials::ApiKey(found) = connection.credentials().await.unwrap() else { panic!("no api key") };
    assert_eq!(found.api_key.expose(), "sk-of-alice");
    // Another connection under the same key is another person's, perhaps.
    let client = app.nango.unscoped_client();
    client.delete_connection(connection.key()).await.unwrap();
    app.emulator.import_many("openai", 1, connection.key().connection_id(), &[]).unwrap();
    assert_eq!(kind(connection.credentials().await), Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn a_reply_is_streamed_and_refused_credentials_are_told_apart() {
    let app = App::start().await;
    let user = User::named("alice").unwrap();
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", nango_emulator::Credentials::oauth2()).await.unwrap();
    app.settled().await;
    let slack = app.nango.connection(&user, "slack").await.unwrap();
    let mut reply = slack.proxy().get("/me").query("q", "x".repeat(50_000)).send_streamed().await.unwrap();
    assert_eq!(reply.status(), 200);
    let (mut parts, mut body) = (0, Vec::new());
    while let Some(part) = reply.next().await {
        body.extend_from_slice(&part.unwrap());
        parts += 1;
    }
    let echo: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(echo["url"].as_str().map(str::len), Some("/me?q=".len() + 50_000));
    assert!(parts > 1, "it came in one piece");

    let id = slack.key().connection_id();
    app.emulator.revoke("slack", id).await.unwrap();
    app.emulator.expire_token("slack", id).unwrap();
    let refused = Some(ErrorKind::InvalidCredentials);
    assert_eq!(kind(slack.proxy().get("/me").send_streamed().await), refused);
    assert_eq!(kind(slack.credentials().await), refused);
    assert_eq!(kind(slack.token().await), refused);
}

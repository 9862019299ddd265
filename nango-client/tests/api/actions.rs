//! Actions, and everything that can be known of their outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nango_client::{
    ActionFailureKind, ActionOutcome, AsyncActionEvent, Cause, Client, ConnectionKey, Delivery, Error,
    ErrorKind, SIGNATURE_HEADER, SigningKeys,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::canned::{Answer, Canned, ok};

const MINUTE: Duration = Duration::from_secs(60);

fn github() -> ConnectionKey {
    ConnectionKey::new("github", "c1")
}

async fn run(answer: Answer) -> Result<ActionOutcome<Value>, Error> {
    let (client, _) = Canned::new([answer]);
    client.action(&github(), "greet").run().await
}

async fn result(answer: Answer, has_ended: bool) -> Result<ActionOutcome<Option<u8>>, Error> {
    let (client, _) = Canned::new([answer]);
    let result = client.action_result("1");
    if has_ended { result.has_ended().get().await } else { result.get().await }
}

fn error(status: u16, code: &str, rest: &str) -> Answer {
    Some((status, format!(r#"{{"error":{{"code":"{code}"{rest}}}}}"#)))
}

fn not_found() -> Answer {
    error(404, "not_found", r#","message":"No action '1' found""#)
}

#[tokio::test]
async fn an_action_is_sent_with_its_input_and_its_output_is_bare() {
    let (client, nango) = Canned::new([
        ok(r#"{"greeting":"hi"}"#),
        ok("null"),
        Some((202, r#"{"id":"7","statusUrl":"/action/7"}"#.to_owned())),
    ]);
    let action = client.action(&github(), "greet").input(&json!({"name": "Ann"}));
    assert_eq!(action.run::<Value>().await.unwrap().output().unwrap()["greeting"], "hi");
    client.action(&github(), "nothing").run::<()>().await.unwrap().output().unwrap();
    assert_eq!(action.retries(2).start().await.unwrap().id, "7");
    let bodies: Vec<_> = nango.requests().into_iter().map(|(_, body)| body).collect();
    let greet = r#"{"action_name":"greet","input":{"name":"Ann"}}"#;
    assert_eq!(bodies, [greet, r#"{"action_name":"nothing"}"#, greet]);
    assert_eq!(nango.header(0, "connection-id").unwrap(), "c1");
    assert_eq!((nango.header(0, "x-async"), nango.header(2, "x-async").unwrap()), (None, "true".to_owned()));
    assert_eq!(nango.header(2, "x-max-retries").unwrap(), "2");
}

#[tokio::test]
async fn a_failure_of_the_action_is_typed_and_its_details_are_readable() {
    let thrown = error(500, "action_script_runtime_error", r#","message":"m","payload":{"code":42}"#);
    let Ok(ActionOutcome::Failed(failure)) = run(thrown).await else { panic!() };
    assert_eq!(
        (&failure.kind, failure.payload.as_ref().unwrap()["code"].as_u64()),
        (&ActionFailureKind::Thrown, Some(42))
    );
    let http = r#","payload":{"m":"c0ffee"},"upstream":{"status":429,"headers":{"x-ratelimit":"1"},"body":{"m":"c0ffee"}}"#;
    let Ok(ActionOutcome::Failed(failure)) = run(error(424, "script_http_error", http)).await else {
        panic!()
    };
    let upstream = failure.upstream.as_ref().unwrap();
    assert_eq!(
        (&failure.kind, upstream.status, upstream.body.as_ref().unwrap()["m"].as_str()),
        (&ActionFailureKind::Http, 429, Some("c0ffee"))
    );
    assert!(!format!("{failure:?}").contains("c0ffee"));
    let internal = run(error(500, "script_internal_error", "")).await.unwrap().output().unwrap_err();
    assert_eq!((internal.kind(), internal.is_retryable()), (ErrorKind::ScriptFailed, false));
}

#[tokio::test]
async fn a_call_after_which_the_action_may_have_run_has_an_unknown_outcome() {
    let in_progress = r#","payload":"Task 1 is in progress""#;
    for answer in [
        None,
        error(500, "action_script_failure", in_progress),
        error(500, "generic_error_support", r#","payload":"id""#),
        Some((504, "<html>".to_owned())),
        ok("<html>"),
    ] {
        let outcome = run(answer.clone()).await;
        // Something else than Nango answered 200, so that the call has not reached it.
        let is_unknown = matches!(outcome, Ok(ActionOutcome::Unknown(_)));
        assert_eq!(is_unknown, answer != ok("<html>"), "{answer:?} {outcome:?}");
    }
}

#[tokio::test]
async fn a_call_after_which_the_action_has_not_run_is_an_error() {
    for (answer, kind) in [
        (error(404, "not_found", r#","message":"Action not found""#), ErrorKind::NotFound),
        (error(400, "unknown_connection", ""), ErrorKind::NotFound),
        (error(400, "invalid_body", ""), ErrorKind::Refused),
        (error(429, "too_many_request", ""), ErrorKind::RateLimited),
        (error(401, "unknown_account", ""), ErrorKind::Unauthorized),
        (Some((404, "<html>".to_owned())), ErrorKind::Unavailable),
    ] {
        let error = run(answer).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let is_of_action = error.to_string().contains("does not have the action, or the connection");
        assert_eq!(is_of_action, kind == ErrorKind::NotFound, "{error}");
    }
    let client = Client::new("http://127.0.0.1:1", "key").unwrap();
    let error = client.action(&github(), "greet").run::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "never connected");
}

#[tokio::test]
async fn an_output_of_another_shape_is_an_error_and_no_unknown_outcome() {
    let (client, _) = Canned::new([ok(r#""text""#)]);
    let error = client.action(&github(), "greet").run::<u8>().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Decode, false));
}

#[tokio::test]
async fn a_deadline_of_its_own_ends_the_wait_with_an_unknown_outcome_and_one_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        loop {
            silent.push(listener.accept().await.unwrap());
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let background = Client::new(&address, "key").unwrap().background();
    let action = background.action(&github(), "greet").deadline(Duration::from_millis(200));
    let outcome = action.run::<Value>().await.unwrap();
    assert!(
        matches!(&outcome, ActionOutcome::Unknown(error) if error.cause() == Some(&Cause::TimedOut)),
        "{outcome:?}"
    );
    assert_eq!(requests.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn retries_are_for_asynchronous_actions() {
    let (client, nango) = Canned::new([]);
    let action = client.action(&github(), "greet");
    assert_eq!(action.clone().retries(1).run::<()>().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(action.retries(6).start().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(nango.requests().is_empty());
}

#[tokio::test]
async fn a_result_that_nango_does_not_have_is_unknown_until_the_webhook() {
    assert!(matches!(result(ok("7"), false).await, Ok(ActionOutcome::Done(Some(7)))));
    assert!(matches!(result(not_found(), false).await, Ok(ActionOutcome::Unknown(_))));
    assert!(matches!(result(not_found(), true).await, Ok(ActionOutcome::Done(None))));
    let failed = error(500, "script_internal_error", "");
    assert!(matches!(result(failed, false).await, Ok(ActionOutcome::Failed(_))));
    // Reading again is safe, so that this is no outcome.
    assert_eq!(result(None, false).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

/// Returns the event that an action has ended, as it comes.
fn ended(payload: &Value) -> Option<AsyncActionEvent> {
    let body = json!({
        "connectionId": "c1", "from": "nango", "payload": payload, "providerConfigKey": "github", "type": "async_action",
    });
    let (keys, body) = (SigningKeys::new(["key"]).unwrap(), body.to_string());
    let headers = [(SIGNATURE_HEADER.parse().unwrap(), keys.sign(body.as_bytes()).parse().unwrap())];
    let verified = keys.verify(&headers.into_iter().collect(), body.into()).unwrap();
    match verified.delivery() {
        Delivery::AsyncAction(event) => Some(event),
        _ => None,
    }
}

#[tokio::test]
async fn an_event_leads_to_the_result_of_its_action() {
    let event = ended(&json!({"id": "a/b", "statusUrl": "/action/a/b"})).unwrap();
    let failed = error(500, "script_internal_error", "");
    let (client, nango) = Canned::new([ok("7"), not_found(), failed]);
    let result = client.action_result_of(&event);
    assert!(matches!(result.get().await, Ok(ActionOutcome::Done(Some(7)))));
    assert!(matches!(result.get::<Option<u8>>().await, Ok(ActionOutcome::Done(None))), "without output");
    assert!(matches!(result.get::<Option<u8>>().await, Ok(ActionOutcome::Failed(_))));
    assert!(nango.requests().iter().all(|(line, _)| line == "GET /action/a%2Fb"));

    let (client, nango) = Canned::new([]);
    let result = client.action_result_of(&ended(&json!({})).unwrap());
    for outcome in [result.get::<()>().await, result.wait(MINUTE).await] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(nango.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_result_is_waited_for() {
    let (client, nango) = Canned::new([not_found(), None, ok("7")]);
    let outcome = client.action_result("a/b").wait::<u8>(MINUTE).await.unwrap();
    assert_eq!(outcome.output().unwrap(), 7);
    assert_eq!(nango.requests()[0].0, "GET /action/a%2Fb");
    let (client, _) = Canned::new((0..99).map(|_| not_found()));
    let began = tokio::time::Instant::now();
    assert!(matches!(client.action_result("1").wait::<u8>(MINUTE).await, Ok(ActionOutcome::Unknown(_))));
    assert!(began.elapsed() >= MINUTE && began.elapsed() < MINUTE * 2);
}

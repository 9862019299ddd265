use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nango_emulator::{Emulator, FunctionError};
use reqwest::Method;
use serde_json::{Value, json};

use super::{sent, settle};
use crate::rules::{import, request, with};
use crate::support::call;

async fn emulator() -> Emulator {
    let nango = Emulator::builder().webhook_url("http://127.0.0.1:9/hook").start().await.unwrap();
    import(&nango, "c").await;
    nango
}

async fn ask(nango: &Emulator, body: Value, headers: &[(&str, &str)]) -> (u16, Value) {
    let asked = with(request(nango, Method::POST, "/action/trigger"), &body);
    let asked = asked.header("provider-config-key", "openai").header("connection-id", "c");
    let asked = headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value));
    let answer = asked.send().await.unwrap();
    let status = answer.status().as_u16();
    let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(location.as_deref(), body.get("statusUrl").and_then(Value::as_str));
    (status, body)
}

async fn run(nango: &Emulator, name: &str, input: Value) -> (u16, Value) {
    ask(nango, json!({ "action_name": name, "input": input }), &[]).await
}

/// Starts an asynchronous action. Returns the path of its result.
async fn begin(nango: &Emulator, name: &str, retries: &str) -> String {
    let headers = [("x-async", "true"), ("x-max-retries", retries)];
    let (status, body) = ask(nango, json!({ "action_name": name }), &headers).await;
    assert_eq!(status, 202);
    assert_eq!(body["statusUrl"], json!(format!("/action/{}", body["id"].as_str().unwrap())));
    body["statusUrl"].as_str().unwrap().to_owned()
}

async fn result(nango: &Emulator, path: &str) -> (u16, Value) {
    call(nango, Method::GET, path, None).await
}

#[tokio::test]
async fn output_is_bare_and_no_output_is_null() {
    let nango = emulator().await;
    nango.action("openai", "echo", |call| async move { Ok(call.input) }).unwrap();
    assert_eq!(run(&nango, "echo", json!({ "any": [1] })).await, (200, json!({ "any": [1] })));
    assert_eq!(ask(&nango, json!({ "action_name": "echo" }), &[]).await, (200, Value::Null));
    assert_eq!(run(&nango, "echo", json!("text")).await, (200, json!("text")));
}

#[tokio::test]
async fn errors_of_the_code_have_three_kinds() {
    let nango = emulator().await;
    let code = |call: nango_emulator::ActionCall| async move {
        Err(match call.input.as_str() {
            Some("object") => FunctionError::action(json!({ "code": 42 })),
            Some("text") => FunctionError::action(json!("just text")),
            Some("type") => FunctionError::thrown("TypeError", "no x"),
            Some("http") => FunctionError::http(418, json!({ "tea": true })),
            _ => "plain error".into(),
        })
    };
    nango.action("openai", "thrower", code).unwrap();
    let internal = "An internal error occurred during the script execution";
    let runtime = "The action script failed with a runtime error";
    let thrown = |name: &str, message: &str| {
        let stacktrace = [format!("{name}: {message}"), "at Object.exec (thrower-openai.cjs:1:1)".to_owned()];
        let payload = json!({ "message": message, "name": name, "stacktrace": stacktrace });
        json!({ "message": internal, "code": "script_internal_error", "payload": payload })
    };
    let told = |payload: Value| json!({ "message": runtime, "code": "action_script_runtime_error", "payload": payload });
    let upstream =
        json!({ "status": 418, "headers": { "content-type": "application/json" }, "body": { "tea": true } });
    for (input, status, error) in [
        ("object", 500, told(json!({ "code": 42 }))),
        ("text", 500, told(json!({ "message": "just text" }))),
        ("type", 500, thrown("TypeError", "no x")),
        ("plain", 500, thrown("Error", "plain error")),
        (
            "http",
            424,
            json!({ "code": "script_http_error", "payload": { "tea": true }, "upstream": upstream }),
        ),
    ] {
        let said = run(&nango, "thrower", json!(input)).await;
        assert_eq!(said, (status, json!({ "error": error })), "{input}");
    }
}

#[tokio::test]
async fn failing_action_may_answer_that_its_task_is_in_progress() {
    let nango = emulator().await;
    nango.action("openai", "fails", |_| async move { Err("plain error".into()) }).unwrap();
    nango.action("openai", "works", |_| async move { Ok(json!(1)) }).unwrap();
    nango.hide_action_errors(1);
    assert_eq!(run(&nango, "works", json!({})).await.0, 200, "of failing actions only");
    let (status, said) = run(&nango, "fails", json!({})).await;
    assert_eq!((status, &said["error"]["code"]), (500, &json!("action_script_failure")));
    let payload = said["error"]["payload"].as_str().unwrap();
    assert!(payload.starts_with("Task ") && payload.ends_with(" is in progress"), "{payload}");
    assert_eq!(run(&nango, "fails", json!({})).await.1["error"]["code"], "script_internal_error");
}

#[tokio::test]
async fn panic_of_an_action_is_an_internal_error() {
    let nango = emulator().await;
    nango.action("openai", "panics", |_| async move { panic!("on purpose") }).unwrap();
    let (status, said) = run(&nango, "panics", json!({})).await;
    assert_eq!((status, &said["error"]["code"]), (500, &json!("script_internal_error")));
}

#[tokio::test]
async fn name_of_a_sync_is_not_that_of_an_action() {
    let nango = emulator().await;
    nango.sync("openai", "contacts").model("Contact").deploy().unwrap();
    let missing = json!({ "error": { "code": "not_found", "message": "Action not found" } });
    assert_eq!(run(&nango, "contacts", json!({})).await, (404, missing));
}

#[tokio::test]
async fn asynchronous_action_has_a_result_and_a_webhook_without_one() {
    let nango = emulator().await;
    nango.action("openai", "greet", |_| async move { Ok(json!({ "greeting": "Hello" })) }).unwrap();
    let before = nango.deliveries().len();
    let path = begin(&nango, "greet", "0").await;
    settle(&nango).await;
    assert_eq!(result(&nango, &path).await, (200, json!({ "greeting": "Hello" })));
    let id = path.strip_prefix("/action/").unwrap();
    let expected = json!({
        "connectionId": "c",
        "from": "nango",
        "payload": { "id": id, "statusUrl": path },
        "providerConfigKey": "openai",
        "type": "async_action",
    });
    assert_eq!(sent(&nango).split_off(before), [expected]);
    nango.advance(Duration::from_secs(5 * 24 * 3600 + 1));
    assert_eq!(result(&nango, &path).await.0, 404, "kept for five days");
}

#[tokio::test]
async fn result_is_not_found_while_the_action_runs_and_for_ever_without_output() {
    let nango = emulator().await;
    let (go, wait) = tokio::sync::watch::channel(false);
    let code = move |_| {
        let mut wait = wait.clone();
        async move {
            wait.wait_for(|go| *go).await.unwrap();
            Ok(Value::Null)
        }
    };
    nango.action("openai", "nothing", code).unwrap();
    let path = begin(&nango, "nothing", "0").await;
    let id = path.strip_prefix("/action/").unwrap().to_owned();
    let missing = json!({ "error": { "code": "not_found", "message": format!("No action '{id}' found") } });
    assert_eq!(result(&nango, &path).await, (404, missing.clone()));
    go.send(true).unwrap();
    settle(&nango).await;
    assert_eq!(sent(&nango).last().unwrap()["payload"]["id"], json!(id), "it has ended");
    assert_eq!(result(&nango, &path).await, (404, missing));
}

#[tokio::test]
async fn only_asynchronous_actions_are_retried() {
    let nango = emulator().await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let code = move |call: nango_emulator::ActionCall| {
        let count = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move { if call.attempt < 3 { Err("plain error".into()) } else { Ok(json!(count)) } }
    };
    nango.action("openai", "flaky", code).unwrap();
    let retries = [("x-max-retries", "5")];
    assert_eq!(ask(&nango, json!({ "action_name": "flaky" }), &retries).await.0, 500);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let path = begin(&nango, "flaky", "1").await;
    assert_eq!(result(&nango, &path).await.0, 404, "between retries, too");
    settle(&nango).await;
    assert_eq!((result(&nango, &path).await.0, calls.load(Ordering::SeqCst)), (500, 3));
    let path = begin(&nango, "flaky", "5").await;
    let before = nango.deliveries().len();
    settle(&nango).await;
    assert_eq!(result(&nango, &path).await, (200, json!(6)));
    assert_eq!(nango.deliveries().len(), before + 1, "one webhook, after the last attempt");
}

#[tokio::test]
async fn asynchronous_actions_run_one_after_the_other() {
    let nango = emulator().await;
    let running = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let (counted, highest) = (running.clone(), most.clone());
    let code = move |_| {
        let (counted, highest) = (counted.clone(), highest.clone());
        async move {
            highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            counted.fetch_sub(1, Ordering::SeqCst);
            Ok(json!(1))
        }
    };
    nango.action("openai", "slow", code).unwrap();
    for _ in 0..4 {
        begin(&nango, "slow", "0").await;
    }
    settle(&nango).await;
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn webhooks_of_asynchronous_actions_can_be_switched_off() {
    let nango = emulator().await;
    nango.action("openai", "greet", |_| async move { Ok(json!(1)) }).unwrap();
    nango.set_on_async_action_completion(false);
    let before = nango.deliveries().len();
    let path = begin(&nango, "greet", "0").await;
    settle(&nango).await;
    assert_eq!((result(&nango, &path).await.0, nango.deliveries().len()), (200, before));
}

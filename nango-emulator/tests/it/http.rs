//! Rules of all routes, and call faults.

use std::time::{Duration, Instant};

use nango_emulator::{CallFaults, Credentials, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{call, http, session};

#[tokio::test]
async fn rate_limit_has_separate_buckets_for_keys_and_sessions() {
    let nango = Emulator::builder().rate_limit(3).start().await.unwrap();
    let token = nango.create_session(&[]);
    let ask = |bearer: String| {
        let url = format!("{}/integrations", nango.local_url());
        async move { http().get(url).header("authorization", bearer).send().await.unwrap() }
    };
    let key = format!("Bearer {}", nango.secret_key());
    for left in ["2", "1", "0"] {
        let answer = ask(key.clone()).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-ratelimit-remaining"], left);
    }
    let refused = ask(key.clone()).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    let body: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    let expected = json!({ "code": "too_many_request", "method": "GET", "path": "/integrations" });
    assert_eq!(body["error"], expected);
    assert_eq!(ask(format!("Bearer {token}")).await.status(), 200);
    nango.advance(Duration::from_secs(61));
    assert_eq!(ask(key).await.status(), 200);
}

#[tokio::test]
async fn unchanged_reply_is_304() {
    let nango = Emulator::builder().start().await.unwrap();
    let ask = |headers: &[(&str, &str)]| {
        let request = http().get(format!("{}/environment-variables", nango.local_url()));
        let request = request.header("authorization", nango.secret_key());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        async move { request.send().await.unwrap() }
    };
    // The ETag that Express computes for `[]`.
    let tag = r#"W/"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w""#;
    assert_eq!(ask(&[]).await.headers()["etag"], tag);
    let answer = ask(&[("if-none-match", tag)]).await;
    assert_eq!(answer.status(), 304);
    assert!(answer.bytes().await.unwrap().is_empty());
    for (control, status) in [("no-cache", 200), ("max-age=0, no-cache", 200), ("max-age=0", 304)] {
        let answer = ask(&[("if-none-match", tag), ("cache-control", control)]).await;
        assert_eq!(answer.status(), status, "{control}");
    }
}

#[tokio::test]
async fn call_faults_answer_delay_and_disconnect() {
    let nango = Emulator::builder().start().await.unwrap();
    nango.fail_calls(CallFaults::status("/connections*", 503, 1));
    assert_eq!(call(&nango, Method::GET, "/connections", None).await.0, 503);
    assert_eq!(call(&nango, Method::GET, "/connections", None).await.0, 200);
    nango.fail_calls(CallFaults::status("/connections*", 429, 1));
    let limited = json!({ "code": "too_many_request", "method": "GET", "path": "/connections" });
    let limited = (429, json!({ "error": limited }));
    assert_eq!(call(&nango, Method::GET, "/connections?limit=1", None).await, limited);
    nango.fail_calls(CallFaults::delay("*", Duration::from_millis(80), 1));
    let begun = Instant::now();
    assert_eq!(call(&nango, Method::GET, "/connections", None).await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    nango.fail_calls(CallFaults::hang_up("*", 1));
    let url = format!("{}/health", nango.local_url());
    let broken = http().get(url).send().await;
    assert!(match broken {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
}

#[tokio::test]
async fn held_reply_shows_the_state_at_its_computation() {
    let nango = Emulator::builder().start().await.unwrap();
    nango.import_many("openai", 1, "c", &[]).unwrap();
    let get = "/connections/c?provider_config_key=openai";
    let delete = async { call(&nango, Method::DELETE, get, None).await.0 };
    nango.fail_calls(CallFaults::hold("/connections*", 2));
    let then = async {
        let held = nango.wait_for_held_calls(1).await;
        assert_eq!((held[0].method.as_str(), held[0].path.as_str(), held[0].status), ("GET", get, 200));
        let (_, gone) = tokio::join!(
            async {
                let held = nango.wait_for_held_calls(2).await;
                assert!(nango.release_call(held[1].id) && !nango.release_call(held[1].id));
            },
            delete
        );
        assert_eq!((gone, nango.held_calls().len()), (200, 1));
        let (_, list) = call(&nango, Method::GET, "/_emulator/calls", None).await;
        let body = json!({ "id": list["held"][0]["id"] });
        call(&nango, Method::POST, "/_emulator/calls/release", Some(body)).await.1
    };
    let (before, released) = tokio::join!(call(&nango, Method::GET, get, None), then);
    assert_eq!((before.0, released), (200, json!({ "released": 1 })));
    assert_eq!(call(&nango, Method::GET, get, None).await.0, 404);
}

#[tokio::test]
async fn disconnect_and_stop_release_held_calls() {
    let nango = Emulator::builder().start().await.unwrap();
    nango.fail_calls(CallFaults::hold("/connections", 2));
    let impatient = call(&nango, Method::GET, "/connections", None);
    assert!(tokio::time::timeout(Duration::from_millis(100), impatient).await.is_err());
    for _ in 0..100 {
        if nango.held_calls().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(nango.held_calls().is_empty());
    let asked = http().get(format!("{}/connections", nango.local_url()));
    let asked = tokio::spawn(asked.bearer_auth(nango.secret_key()).send());
    nango.wait_for_held_calls(1).await;
    nango.stop().await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn control_endpoints_refuse_other_origins() {
    let nango = Emulator::builder().start().await.unwrap();
    let reset = |origin: &'static str| {
        let url = format!("{}/_emulator/reset", nango.local_url());
        async move { http().post(url).header("origin", origin).send().await.unwrap() }
    };
    let answer = reset("https://evil.example").await;
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    assert_eq!(call(&nango, Method::POST, "/_emulator/reset", None).await.0, 200);
}

#[tokio::test]
async fn proxy_reaches_the_emulated_provider() {
    let nango = Emulator::builder().start().await.unwrap();
    let token = session(&nango, json!({ "tags": {} })).await;
    let made = nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let ask = || {
        http()
            .get(format!("{}/proxy/conversations.list?limit=2", nango.local_url()))
            .header("authorization", nango.secret_key())
            .header("connection-id", &made.connection_id)
            .header("provider-config-key", "slack")
            .header("nango-proxy-x-mine", "yes")
            .header("x-not-mine", "no")
    };
    let answer = ask().send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let echo: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(echo["url"], "/conversations.list?limit=2");
    assert_eq!(echo["headers"]["x-mine"], "yes");
    assert!(echo["headers"].get("x-not-mine").is_none());
    nango.revoke_unnoticed("slack", &made.connection_id).await.unwrap();
    let answer = ask().send().await.unwrap();
    assert_eq!(answer.status(), 200, "Slack answers errors so");
    assert_eq!(&answer.bytes().await.unwrap()[..], br#"{"ok":false,"error":"token_revoked"}"#);
}

#[tokio::test]
async fn bulk_import_and_list_are_fast() {
    let nango = Emulator::builder().start().await.unwrap();
    let begun = Instant::now();
    let tags = [("end_user_id", "user-{n}"), ("team", "t")];
    assert_eq!(nango.import_many("openai", 20_000, "c-{n}", &tags).unwrap(), 20_000);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let (_, page) = call(&nango, Method::GET, "/connections?limit=100&page=3", None).await;
    let page = page["connections"].as_array().unwrap();
    assert_eq!(page.len(), 100);
    assert_eq!(page[0]["tags"]["end_user_id"], "user-19700");
    let path = "/connections?tags[end_user_id]=user-77";
    let (_, one) = call(&nango, Method::GET, path, None).await;
    assert_eq!(one["connections"][0]["connection_id"], "c-77");
}

#[tokio::test]
async fn environment_without_functions_lists_none() {
    let nango = Emulator::builder().start().await.unwrap();
    let none = json!({ "data": [], "pagination": { "total": 0, "page": 1, "limit": 20 } });
    let list = call(&nango, Method::GET, "/integrations/slack/functions?page=1", None).await;
    assert_eq!(list, (200, none));
    let templates = call(&nango, Method::GET, "/providers/slack/templates", None).await;
    assert_eq!(templates, (200, json!({ "data": [] })));
    for (method, path, status, code) in [
        (Method::GET, "/integrations/none/functions", 404, "not_found"),
        (Method::GET, "/integrations/slack/functions?limit=101", 400, "invalid_query_params"),
        (Method::GET, "/integrations/slack/functions/f", 404, "not_found"),
        (Method::GET, "/integrations/slack/functions/f/code", 404, "not_found"),
        (Method::DELETE, "/integrations/slack/functions/f", 400, "invalid_query_params"),
        (Method::DELETE, "/integrations/slack/functions/f?type=on-event", 400, "invalid_query_params"),
        (Method::DELETE, "/integrations/slack/functions/f?type=sync", 404, "not_found"),
    ] {
        let answer = call(&nango, method, path, None).await;
        assert_eq!((answer.0, &answer.1["error"]["code"]), (status, &json!(code)), "{path}");
    }
    let opts = json!({ "provider_config_key": "slack", "syncs": [], "opts": { "reset": 1 } });
    let answer = call(&nango, Method::POST, "/sync/trigger", Some(opts)).await;
    assert_eq!(answer.1["error"]["errors"][0]["path"], json!(["opts", "reset"]));
}

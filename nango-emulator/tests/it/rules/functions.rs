use reqwest::Method;
use serde_json::{Value, json};

use super::{emulator, get, import, post, request, say, with};
use crate::support::call;

#[tokio::test]
async fn sync_commands_validate_the_body_then_the_connection() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let of = |syncs: Value, id: &str| json!({ "syncs": syncs, "provider_config_key": "openai", "connection_id": id });
    let many: Vec<_> = (0..257).map(|n| n.to_string()).collect();
    for path in ["/sync/start", "/sync/pause"] {
        for (body, said) in [
            (of(json!("s"), "c"), "400 invalid_body invalid_type@syncs"),
            (
                of(json!(["s", 1, { "name": "s" }]), "c"),
                "400 invalid_body invalid_union@syncs.1 invalid_union@syncs.2",
            ),
            (of(json!(many), "c"), "400 invalid_body too_big@syncs"),
            (of(json!([]), "a<b"), "400 invalid_body invalid_format@connection_id"),
            (of(json!(["s", { "name": "s", "variant": "v" }]), "c"), "400 no_syncs_found"),
            (of(json!(["s"]), "none"), "404 unknown_connection"),
            (json!({ "syncs": [], "provider_config_key": "openai" }), "400 no_syncs_found"),
            (
                json!({ "syncs": [], "provider_config_key": "openai", "x": 1 }),
                "400 invalid_body unrecognized_keys@",
            ),
        ] {
            assert_eq!(post(&nango, path, body.clone()).await, said, "{path} {body}");
        }
    }
}

#[tokio::test]
async fn trigger_accepts_the_connection_in_headers() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let body = json!({ "syncs": ["s"] });
    assert_eq!(post(&nango, "/sync/trigger", body.clone()).await, "400 missing_provider_config_key");
    let with_headers = |id: &str| {
        let asked = with(request(&nango, Method::POST, "/sync/trigger"), &body);
        say(asked.header("provider-config-key", "openai").header("connection-id", id))
    };
    assert_eq!(with_headers("c").await, "400 no_syncs_found");
    assert_eq!(with_headers("none").await, "404 unknown_connection");
    for (body, said) in [
        (json!({ "syncs": [1] }), "400 invalid_body invalid_union@syncs.0"),
        (json!({ "syncs": [], "sync_mode": "x" }), "400 invalid_body invalid_value@sync_mode"),
        (json!({ "syncs": [], "full_resync": 1 }), "400 invalid_body invalid_type@full_resync"),
        (json!({ "syncs": [], "x": 1 }), "400 invalid_body unrecognized_keys@"),
    ] {
        assert_eq!(post(&nango, "/sync/trigger", body.clone()).await, said, "{body}");
    }
}

#[tokio::test]
async fn sync_status_is_empty_but_requires_the_connection() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let path = |query: &str| format!("/sync/status?provider_config_key=openai&{query}");
    for (query, said) in [
        ("syncs=*", "200"),
        ("syncs=a,b&connection_id=c", "200"),
        ("syncs=*&connection_id=none", "400 invalid_body"),
        ("syncs=*&connection_id=", "400 invalid_query_params invalid_format@connection_id"),
        ("syncs=*&x=1", "400 invalid_query_params unrecognized_keys@"),
        ("syncs=a&syncs=b", "400 invalid_query_params invalid_type@syncs"),
    ] {
        assert_eq!(get(&nango, &path(query)).await, said, "{query}");
    }
}

#[tokio::test]
async fn frequency_change_requires_sync_and_connection() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let ask =
        |body: Value| say(with(request(&nango, Method::PUT, "/sync/update-connection-frequency"), &body));
    let of = |id: &str, frequency: Value| json!({ "sync_name": "s", "provider_config_key": "openai", "connection_id": id, "frequency": frequency });
    assert_eq!(ask(of("c", json!("every 1h"))).await, "400 unknown_sync");
    assert_eq!(ask(of("c", Value::Null)).await, "400 unknown_sync");
    assert_eq!(ask(of("none", Value::Null)).await, "400 unknown_connection");
    assert_eq!(ask(of("c", json!(1))).await, "400 invalid_body invalid_type@frequency");
    let mut odd = of("c", Value::Null);
    odd["sync_name"] = json!("a b");
    odd["x"] = json!(1);
    assert_eq!(ask(odd).await, "400 invalid_body invalid_format@sync_name unrecognized_keys@");
}

#[tokio::test]
async fn action_validates_headers_query_body_connection_in_order() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let ask = |path: &str, headers: &[(&str, &str)], body: Value| {
        let asked = with(request(&nango, Method::POST, path), &body);
        say(headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value)))
    };
    let good = [("provider-config-key", "openai"), ("connection-id", "c")];
    let none = [("provider-config-key", "openai"), ("connection-id", "none")];
    let odd = [&good[..], &[("x-async", "maybe"), ("x-max-retries", "6")]].concat();
    let (path, named) = ("/action/trigger", json!({ "action_name": "a" }));
    assert_eq!(
        ask("/action/trigger?x=1", &odd, json!({})).await,
        "400 invalid_headers invalid_value@x-async too_big@x-max-retries"
    );
    assert_eq!(
        ask("/action/trigger?x=1", &good, json!({})).await,
        "400 invalid_query_params unrecognized_keys@"
    );
    assert_eq!(ask(path, &none, json!({ "other": 1 })).await, "400 invalid_body invalid_type@action_name");
    assert_eq!(
        ask(path, &none, json!({ "action_name": "a b" })).await,
        "400 invalid_body invalid_format@action_name"
    );
    assert_eq!(ask(path, &none, named.clone()).await, "400 unknown_connection");
    assert_eq!(ask(path, &good, json!({ "action_name": "a", "input": [], "x": 1 })).await, "404 not_found");
    assert_eq!(get(&nango, "/action/11111111-2222-4333-8444-555555555555").await, "404 not_found");
    for bad in ["zzz", "11111111222243338444555555555555", "11111111-2222-4333-c444-555555555555"] {
        assert_eq!(get(&nango, &format!("/action/{bad}")).await, "400 invalid_uri_params invalid_format@id");
    }
}

#[tokio::test]
async fn unknown_connection_of_a_sync_command_is_named() {
    let nango = emulator().await;
    let body = json!({ "syncs": ["s"], "provider_config_key": "openai", "connection_id": "none" });
    let payload = json!({ "connectionId": "none", "providerConfigKey": "openai" });
    let message = "No connection matching the provided params of 'connection_id' and \
                   'provider_config_key'. Please make sure these values exist in the Nango dashboard {\n  \
                   \"connectionId\": \"none\",\n  \"providerConfigKey\": \"openai\"\n}";
    let error = json!({ "message": message, "code": "unknown_connection", "payload": payload });
    for path in ["/sync/trigger", "/sync/start", "/sync/pause"] {
        let said = call(&nango, Method::POST, path, Some(body.clone())).await;
        assert_eq!(said, (404, json!({ "error": error })), "{path}");
    }
}

#[tokio::test]
async fn trigger_takes_options_or_the_older_mode() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let of = |extra: Value| {
        let mut body = json!({ "syncs": ["s"], "provider_config_key": "openai", "connection_id": "c" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for (extra, said) in [
        (json!({ "opts": {} }), "400 no_syncs_found"),
        (json!({ "opts": {}, "sync_mode": "incremental" }), "400 invalid_body"),
        (json!({ "opts": {}, "full_resync": false }), "400 invalid_body"),
    ] {
        assert_eq!(post(&nango, "/sync/trigger", of(extra.clone())).await, said, "{extra}");
    }
}

#[tokio::test]
async fn names_and_frequencies_have_patterns() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let body = json!({ "provider_config_key": "openai", "connection_id": "c" });
    for (path, said) in [
        ("/sync/s/variant/bad%20name", "400 invalid_uri_params invalid_format@variant"),
        ("/sync/a%20b/variant/v", "400 invalid_uri_params invalid_format@name"),
        ("/sync/s/variant/v?x=1", "400 invalid_query_params unrecognized_keys@"),
        ("/sync/s/variant/Base", "400 invalid_variant"),
        ("/sync/s/variant/v", "400 unknown_sync"),
    ] {
        assert_eq!(post(&nango, path, body.clone()).await, said, "{path}");
    }
    let bad = "400 invalid_uri_params invalid_format@name";
    for (path, said) in [
        ("/integrations/openai/functions/f", "404 not_found"),
        ("/integrations/openai/functions/bad%20name", bad),
        ("/integrations/openai/functions/bad%20name/code", bad),
    ] {
        assert_eq!(get(&nango, path).await, said, "{path}");
    }
    for (frequency, said) in [
        ("5m", "400 unknown_sync"),
        ("every 5 minutes", "400 unknown_sync"),
        ("every half hour", "400 unknown_sync"),
        ("every day", "400 unknown_sync"),
        ("whenever", "400 invalid_body invalid_format@frequency"),
        ("every", "400 invalid_body invalid_format@frequency"),
    ] {
        let body = json!({
            "sync_name": "s", "provider_config_key": "openai", "connection_id": "c", "frequency": frequency,
        });
        let asked = with(request(&nango, Method::PUT, "/sync/update-connection-frequency"), &body);
        assert_eq!(say(asked).await, said, "{frequency}");
    }
}

#[tokio::test]
async fn endpoints_of_functions_require_the_connection() {
    let nango = emulator().await;
    import(&nango, "c").await;
    let ask = |headers: &[(&str, &str)]| {
        let asked = request(&nango, Method::POST, "/v1/a/b?x=1");
        say(headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value)))
    };
    let both = "400 invalid_headers invalid_type@provider-config-key invalid_type@connection-id";
    assert_eq!(ask(&[]).await, both);
    let odd = [("provider-config-key", "a/b"), ("connection-id", "a<b")];
    let said = "400 invalid_headers invalid_format@provider-config-key invalid_format@connection-id";
    assert_eq!(ask(&odd).await, said);
    let one = [("provider-config-key", "openai")];
    assert_eq!(ask(&one).await, "400 invalid_headers invalid_type@connection-id");
    let none = [("provider-config-key", "openai"), ("connection-id", "none")];
    assert_eq!(ask(&none).await, "400 unknown_connection");
    let asked = request(&nango, Method::GET, "/v1/a/b?x=1").header("provider-config-key", "openai");
    let answer = asked.header("connection-id", "c").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body, json!({ "message": "Unknown endpoint 'GET /a/b'" }));
}

//! A walk over the recorded webhooks: each becomes the right event, and the event's typed fields are
//! enough to write the webhook again. So no field is lost, and none has another value.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{AsyncActionEvent, Delivery, ForwardEvent, SyncEvent, SyncFailure, SyncFailureCause};
use crate::client::recordings::webhooks;
use crate::connection::ConnectionKey;
use crate::timestamp::Timestamp;

#[test]
fn every_recorded_webhook_is_read_and_no_field_of_it_is_lost() {
    let mut problems = Vec::new();
    let mut seen = BTreeMap::<_, usize>::new();
    for (file, body) in webhooks() {
        let (kind, written) = match Delivery::read(&body) {
            Delivery::Auth(_) => ("auth", None),
            Delivery::Sync(event) => ("sync", Some(sync(&event))),
            Delivery::Forward(event) => ("forward", Some(forward(&event))),
            Delivery::AsyncAction(event) => ("async_action", Some(action(&event))),
            Delivery::Unknown(_) => ("unknown", None),
        };
        *seen.entry(kind).or_default() += 1;
        if let Some(written) = written {
            let lost = difference(&serde_json::from_slice(&body).unwrap(), &written);
            problems.extend(lost.into_iter().map(|pointer| format!("{file}: {pointer}")));
        } else if kind == "unknown" && !file.contains("unmatched") {
            problems.push(format!("{file}: unknown"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let least = [("async_action", 5), ("auth", 33), ("forward", 1), ("sync", 23), ("unknown", 1)];
    for (kind, least) in least {
        let found = seen.get(kind).copied().unwrap_or_default();
        assert!(found >= least, "{found} webhooks of the type {kind}");
    }
}

/// Shapes of which there is no recording here, as they were observed.
#[test]
fn failures_without_a_recording_lose_nothing_either() {
    let failed = json!({
        "checkpoints": {"from": {"page": 1}, "to": {"page": 2}}, "connectionId": "fn-1", "from": "nango", "model": "",
        "error": {
            "description": "The sync script failed with an error: {}", "payload": "timed out", "type": "script_error",
        },
        "failedAt": "2026-11-28T01:24:42.956Z", "providerConfigKey": "demo", "startedAt": "2026-11-28T01:22:52.418Z",
        "success": false, "syncName": "slow", "syncType": "INCREMENTAL", "syncVariant": "base", "type": "sync",
    });
    let mut with_code = failed.clone();
    with_code["error"]["payload"] =
        json!({"code": "ECONNREFUSED", "message": "m", "name": "Error", "stacktrace": ["Error: m"]});
    for body in [failed, with_code] {
        assert_eq!(difference(&body, &sync(&event(&body))), Vec::<String>::new());
    }
}

/// A walk that finds nothing would prove nothing.
#[test]
fn a_field_that_no_event_has_is_found_at_any_depth() {
    let (_, body) = webhooks().into_iter().find(|(file, _)| file.starts_with("1078-")).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(difference(&body, &sync(&event(&body))), Vec::<String>::new());
    for place in ["", "/error", "/error/additional_properties/upstream_response"] {
        let mut longer = body.clone();
        longer.pointer_mut(place).unwrap()["new"] = json!([1]);
        assert_eq!(difference(&longer, &sync(&event(&longer))), [format!("{place}/new/0")]);
    }
    let mut another = body.clone();
    another["failedAt"] = json!("yesterday");
    assert_eq!(difference(&another, &sync(&event(&another))), ["/failedAt"]);
}

fn event(body: &Value) -> SyncEvent {
    let Delivery::Sync(event) = Delivery::read(&Bytes::from(body.to_string())) else { panic!("{body}") };
    event
}

/// Returns the pointers to the parts that are in one of the two only, or differ.
fn difference(webhook: &Value, written: &Value) -> Vec<String> {
    let (webhook, written) = (leaves(webhook), leaves(written));
    let pointers = webhook.keys().chain(written.keys());
    let mut different: Vec<_> =
        pointers.filter(|pointer| webhook.get(*pointer) != written.get(*pointer)).cloned().collect();
    different.sort();
    different.dedup();
    different
}

/// Returns the parts without parts of their own, by pointer.
fn leaves(json: &Value) -> BTreeMap<String, Value> {
    let parts: Vec<(String, &Value)> = match json {
        Value::Array(parts) => parts.iter().enumerate().map(|(at, part)| (at.to_string(), part)).collect(),
        Value::Object(parts) => parts.iter().map(|(name, part)| (name.clone(), part)).collect(),
        _ => Vec::new(),
    };
    if parts.is_empty() {
        return BTreeMap::from([(String::new(), one_form_of_times(json))]);
    }
    let below = |(name, part)| {
        leaves(part).into_iter().map(move |(pointer, leaf)| (format!("/{name}{pointer}"), leaf))
    };
    parts.into_iter().flat_map(below).collect()
}

/// Nango writes the zeros at the end of a time.
fn one_form_of_times(leaf: &Value) -> Value {
    let time = leaf.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    time.map_or_else(|| leaf.clone(), |time| time.to_string().into())
}

fn envelope(kind: &str, from: &str, connection: &ConnectionKey) -> Value {
    json!({
        "connectionId": connection.connection_id(),
        "from": from,
        "providerConfigKey": connection.integration(),
        "type": kind,
    })
}

fn forward(event: &ForwardEvent) -> Value {
    let mut body = envelope("forward", &event.from, &event.connection);
    body["payload"] = event.payload().unwrap();
    body
}

fn action(event: &AsyncActionEvent) -> Value {
    let mut body = envelope("async_action", "nango", &event.connection);
    body["payload"] = json!({ "id": event.action_id, "statusUrl": event.status_url });
    body
}

fn sync(event: &SyncEvent) -> Value {
    let mut body = envelope("sync", "nango", &event.connection);
    body["success"] = event.success.into();
    let time = |time: Option<Timestamp>| time.map(|time| Value::from(time.to_string()));
    let counts = event.counts.as_ref();
    let fields = [
        ("checkpoints", event.checkpoints().map(|found| json!({ "from": found.from, "to": found.to }))),
        ("error", event.failure().map(failure)),
        ("failedAt", time(event.failed_at)),
        ("model", event.model.as_deref().map(Value::from)),
        ("modifiedAfter", time(event.modified_after)),
        ("queryTimeStamp", time(event.query_timestamp)),
        (
            "responseResults",
            counts.map(
                |found| json!({ "added": found.added, "deleted": found.deleted, "updated": found.updated }),
            ),
        ),
        ("startedAt", time(event.started_at)),
        ("syncName", event.name.as_deref().map(Value::from)),
        ("syncType", event.kind.as_ref().map(|kind| kind.as_str().into())),
        ("syncVariant", event.variant.as_deref().map(Value::from)),
    ];
    set(&mut body, fields);
    body
}

fn failure(failure: SyncFailure) -> Value {
    let mut error = json!({});
    let SyncFailure { kind, description, cause } = failure;
    set(&mut error, [("description", description.map(Value::from)), ("type", kind.map(Value::from))]);
    let payload = match cause {
        SyncFailureCause::Http { reply, payload } => {
            let reply = json!({ "body": reply.body, "headers": reply.headers, "status": reply.status });
            error["additional_properties"] = json!({ "upstream_response": reply });
            payload
        }
        SyncFailureCause::Text(text) => Some(text.into()),
        SyncFailureCause::Thrown(thrown) => {
            let mut payload = json!({ "stacktrace": thrown.stacktrace });
            let fields = [("code", thrown.code), ("message", thrown.message), ("name", thrown.name)];
            set(&mut payload, fields.map(|(name, text)| (name, text.map(Value::from))));
            Some(payload)
        }
        SyncFailureCause::Other(payload) => payload,
    };
    set(&mut error, [("payload", payload)]);
    error
}

/// Sets the fields that there are.
fn set<const N: usize>(json: &mut Value, fields: [(&str, Option<Value>); N]) {
    for (name, value) in fields {
        if let Some(value) = value {
            json[name] = value;
        }
    }
}

//! Webhooks about runs (data plane reference 2 and 3).

use serde_json::{Value, json};

use crate::app::App;
use crate::code::{Progress, RunIdentity};
use crate::model::functions::{FunctionError, JobKind, SyncKey};
use crate::time;
use crate::webhooks::deliver;
use crate::webhooks::deliver::Outgoing;

/// Sends one webhook for each model of a run that succeeded. `modifiedAfter` is the start of the
/// run: records that an earlier, failed run has saved are older (observed).
pub(super) fn success(app: &App, identity: &RunIdentity, progress: &Progress) {
    let started_at = time::utc(identity.started_at);
    for model in &identity.models {
        let counts = progress.results.get(model);
        if counts.is_empty() && !app.settings().on_sync_completion_always {
            continue;
        }
        let mut body = common(identity, true);
        body["model"] = model.as_str().into();
        body["modifiedAfter"] = started_at.as_str().into();
        body["queryTimeStamp"] = started_at.as_str().into();
        body["responseResults"] = counts.view();
        body["syncVariant"] = identity.key.variant.as_str().into();
        add_checkpoints(app, &mut body, identity, progress);
        send(app, identity.key.connection, "sync", &body);
    }
}

/// Sends the webhook of a run that failed. Its `startedAt` is the start of the last run that
/// succeeded (observed).
pub(super) fn failure(
    app: &App,
    identity: &RunIdentity,
    progress: &Progress,
    error: &FunctionError,
    file: &str,
) {
    if !app.settings().on_sync_error {
        return;
    }
    let now = app.clock.now();
    let mut body = common(identity, false);
    let mut described = json!({ "description": error.description(), "type": "script_error" });
    let mut since = now;
    if identity.kind != JobKind::Webhook {
        described["payload"] = error.payload(file);
        if let Some(upstream) = error.upstream() {
            described["additional_properties"] = json!({ "upstream_response": upstream });
        }
        body["syncVariant"] = identity.key.variant.as_str().into();
        since = last_success(app, &identity.key).unwrap_or(now);
    }
    body["error"] = described;
    // A run that was stopped names no model.
    body["model"] = if error.is_aborted() { "".into() } else { identity.models.join(",").into() };
    body["startedAt"] = time::utc(since).into();
    body["failedAt"] = time::utc(now).into();
    add_checkpoints(app, &mut body, identity, progress);
    send(app, identity.key.connection, "sync", &body);
}

fn last_success(app: &App, key: &SyncKey) -> Option<jiff::Timestamp> {
    app.read(|state| state.syncs.get(key)?.last_success)
}

fn common(identity: &RunIdentity, success: bool) -> Value {
    json!({
        "connectionId": identity.connection_id,
        "from": "nango",
        "providerConfigKey": identity.integration,
        "success": success,
        "syncName": identity.key.name,
        "syncType": identity.kind.name(),
        "type": "sync",
    })
}

/// Adds the checkpoints if the run has read or saved one.
fn add_checkpoints(app: &App, body: &mut Value, identity: &RunIdentity, progress: &Progress) {
    let Some(from) = &progress.checkpoint_from else { return };
    let to = app.read(|state| state.syncs.get(&identity.key).and_then(|sync| sync.checkpoint.clone()));
    body["checkpoints"] = json!({ "from": from, "to": to });
}

/// Sends the webhook of an asynchronous action. It says neither how the action ended nor which one
/// it was.
pub(super) fn async_action(app: &App, connection: u64, integration: &str, connection_id: &str, id: &str) {
    if !app.settings().on_async_action_completion {
        return;
    }
    let body = json!({
        "connectionId": connection_id,
        "from": "nango",
        "payload": { "id": id, "statusUrl": format!("/action/{id}") },
        "providerConfigKey": integration,
        "type": "async_action",
    });
    send(app, connection, "async_action", &body);
}

fn send(app: &App, connection: u64, kind: &'static str, body: &Value) {
    let url_override = app
        .read(|state| state.connections.by_id(connection).and_then(|one| one.webhook_url_override.clone()));
    let outgoing = Outgoing { kind, operation: None, url_override, headers: Vec::new() };
    deliver::send(app, outgoing, body);
}

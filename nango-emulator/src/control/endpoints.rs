//! Handlers of the control endpoints, and the holding back of replies.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::json;

use super::actions;
use crate::app::App;
use crate::http::{ApiError, Call, reply};
use crate::model::{CallFaults, WebhookFault};
use crate::time;

pub(super) async fn deliveries(State(app): State<App>) -> Response {
    let all = app.deliveries().all();
    reply::json(200, &json!({ "deliveries": all }))
}

pub(super) async fn reset(State(app): State<App>) -> Response {
    app.reset();
    reply::success()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhooks {
    action: String,
    #[serde(default = "one")]
    count: u32,
    #[serde(default)]
    delay_ms: u64,
}

fn one() -> u32 {
    1
}

pub(super) async fn webhooks(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Webhooks = call.json()?;
    let fault = match wanted.action.as_str() {
        "drop" => WebhookFault::Drop,
        "delay" => WebhookFault::Delay(Duration::from_millis(wanted.delay_ms)),
        "duplicate" => WebhookFault::Duplicate,
        "forge" => WebhookFault::Forge,
        "reorder" => WebhookFault::Reorder { last: false },
        _ => {
            let message = "action is one of drop, delay, duplicate, reorder, forge";
            return Err(ApiError::new(400, "invalid_body", message));
        }
    };
    app.faults().add_webhook_faults(fault, wanted.count);
    Ok(reply::success())
}

pub(super) async fn calls(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let faults: CallFaults = call.json()?;
    app.faults().add_call_faults(faults);
    Ok(reply::success())
}

pub(super) async fn clear_faults(State(app): State<App>) -> Response {
    app.faults().clear();
    reply::success()
}

pub(super) async fn clock(State(app): State<App>) -> Response {
    reply::json(200, &json!({ "now": time::utc(app.clock.now()) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

pub(super) async fn advance(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Advance = call.json()?;
    actions::advance(&app, Duration::from_millis(wanted.advance_ms));
    Ok(reply::json(200, &json!({ "now": time::utc(app.clock.now()) })))
}

pub(super) async fn periodic_test(State(app): State<App>) -> Response {
    actions::run_periodic_test(&app).await;
    reply::success()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default)]
    key: Option<String>,
    /// Number of deliveries that alternate between the old and the new key.
    #[serde(default)]
    overlap: u32,
}

pub(super) async fn rotate(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Rotate = call.json()?;
    let key = wanted.key.unwrap_or_else(|| app.ids.uuid());
    app.keys.rotate(key.clone(), wanted.overlap);
    Ok(reply::json(200, &json!({ "webhook_signing_key": key })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    #[serde(default)]
    key: Option<String>,
    scopes: Vec<String>,
}

pub(super) async fn api_key(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: NewKey = call.json()?;
    let key = wanted.key.unwrap_or_else(|| app.ids.uuid());
    app.keys.add(key.clone(), wanted.scopes);
    Ok(reply::json(200, &json!({ "key": key })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    /// Primary, then secondary URL. An empty list disables webhooks.
    webhook_urls: Option<Vec<String>>,
    callback_url: Option<String>,
    on_auth_creation: Option<bool>,
    on_auth_refresh_error: Option<bool>,
    on_async_action_completion: Option<bool>,
    on_sync_completion_always: Option<bool>,
    on_sync_error: Option<bool>,
}

pub(super) async fn settings(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let new: NewSettings = call.json()?;
    let mut settings = app.settings();
    if let Some(urls) = new.webhook_urls {
        settings.webhook_urls = urls;
    }
    if let Some(url) = new.callback_url.filter(|url| !url.is_empty()) {
        settings.callback_url = url;
    }
    let set = |switch: &mut bool, new: Option<bool>| *switch = new.unwrap_or(*switch);
    set(&mut settings.on_auth_creation, new.on_auth_creation);
    set(&mut settings.on_auth_refresh_error, new.on_auth_refresh_error);
    set(&mut settings.on_async_action_completion, new.on_async_action_completion);
    set(&mut settings.on_sync_completion_always, new.on_sync_completion_always);
    set(&mut settings.on_sync_error, new.on_sync_error);
    Ok(reply::success())
}

/// Waits until the reply may be sent: it was released, faults were cleared, or the emulator stops.
pub(crate) async fn hold(app: &App, method: &Method, uri: &Uri, status: StatusCode) {
    /// Releases the call when its client disconnects.
    struct Forget<'a>(&'a App, u64);
    impl Drop for Forget<'_> {
        fn drop(&mut self) {
            self.0.faults().held_calls.release(self.1);
        }
    }
    let mut stop = app.stop.subscribe();
    let (id, released) = app.faults().held_calls.add(method, uri, status);
    let _forget = Forget(app, id);
    tokio::select! {
        _ = released => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// `GET /_emulator/calls`.
pub(super) async fn held_calls(State(app): State<App>) -> Response {
    let held = app.faults().held_calls.all();
    reply::json(200, &json!({ "held": held }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    /// Id of the call to release; all calls if absent.
    id: Option<u64>,
}

/// `POST /_emulator/calls/release`.
pub(super) async fn release_calls(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Release = call.json()?;
    let released = match wanted.id {
        Some(id) => usize::from(app.faults().held_calls.release(id)),
        None => app.faults().held_calls.release_all(),
    };
    Ok(reply::json(200, &json!({ "released": released })))
}

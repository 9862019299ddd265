//! The control endpoints. They ask for no key: the emulator listens on your own machine. They do
//! refuse other web sites.

use std::time::Duration;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use http::{HeaderMap, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    actions, connections,
    faults::{CallFaults, WebhookFault},
    held,
};
use crate::{
    app::App,
    http::{call::Call, envelope::Refusal, reply},
    oauth2::consent,
    time,
};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/deliveries", get(deliveries))
        .route("/reset", post(reset))
        .route("/webhooks", post(webhooks))
        .route("/calls", get(held::list).post(calls))
        .route("/calls/release", post(held::release))
        .route("/clear-faults", post(clear_faults))
        .route("/revoke", post(connections::revoke))
        .route("/restore", post(connections::restore))
        .route("/expire", post(connections::expire))
        .route("/clock", get(clock).post(advance))
        .route("/periodic-test", post(periodic_test))
        .route("/connections", post(connections::import))
        .route("/signing-key", post(rotate))
        .route("/api-keys", post(api_key))
        .route("/settings", post(settings))
        .route("/provider/{provider}/authorize", get(consent::authorize))
        .route("/provider/{provider}/decision", post(consent::decision))
        .route("/provider/{provider}/token", post(consent::token))
        .route("/provider/{provider}/api", any(consent::api))
        .route("/provider/{provider}/api/{*path}", any(consent::api))
        .layer(middleware::from_fn(same_site))
}

/// A page of another origin must not steer the emulator of whoever visits it.
async fn same_site(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return Refusal::new(403, "cross_origin", "Not from another site").into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    text(header::ORIGIN).is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host))
}

pub(super) fn done() -> Response {
    reply::json(200, &json!({ "success": true }))
}

pub(super) fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    let body = call.body.clone().unwrap_or_else(|| json!({}));
    serde_json::from_value(body).map_err(|error| Refusal::new(400, "invalid_body", error.to_string()))
}

async fn deliveries(State(app): State<App>) -> Response {
    let all = app.deliveries().all();
    reply::json(200, &json!({ "deliveries": all }))
}

async fn reset(State(app): State<App>) -> Response {
    app.reset();
    done()
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

async fn webhooks(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let wanted: Webhooks = body(&call)?;
    let fault = match wanted.action.as_str() {
        "drop" => WebhookFault::Drop,
        "delay" => WebhookFault::Delay(Duration::from_millis(wanted.delay_ms)),
        "duplicate" => WebhookFault::Duplicate,
        "forge" => WebhookFault::Forge,
        "reorder" => WebhookFault::Reorder { last: false },
        _ => {
            let message = "action is one of drop, delay, duplicate, reorder, forge";
            return Err(Refusal::new(400, "invalid_body", message));
        }
    };
    app.faults().webhooks(fault, wanted.count);
    Ok(done())
}

async fn calls(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let faults: CallFaults = body(&call)?;
    app.faults().calls(faults);
    Ok(done())
}

async fn clear_faults(State(app): State<App>) -> Response {
    app.faults().clear();
    done()
}

async fn clock(State(app): State<App>) -> Response {
    reply::json(200, &json!({ "now": time::zulu(app.clock.now()) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

async fn advance(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let wanted: Advance = body(&call)?;
    actions::advance(&app, Duration::from_millis(wanted.advance_ms));
    Ok(reply::json(200, &json!({ "now": time::zulu(app.clock.now()) })))
}

async fn periodic_test(State(app): State<App>) -> Response {
    actions::run_periodic_test(&app).await;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default)]
    key: Option<String>,
    /// How many deliveries still take turns between the old and the new key.
    #[serde(default)]
    overlap: u32,
}

async fn rotate(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let wanted: Rotate = body(&call)?;
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

async fn api_key(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let wanted: NewKey = body(&call)?;
    let key = wanted.key.unwrap_or_else(|| app.ids.uuid());
    app.keys.add(key.clone(), wanted.scopes);
    Ok(reply::json(200, &json!({ "key": key })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    /// Primary, then secondary; an empty list sends nothing.
    webhook_urls: Option<Vec<String>>,
    callback_url: Option<String>,
    on_auth_creation: Option<bool>,
    on_auth_refresh_error: Option<bool>,
}

async fn settings(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let new: NewSettings = body(&call)?;
    let mut settings = app.settings();
    if let Some(urls) = new.webhook_urls {
        settings.webhook_urls = urls;
    }
    if let Some(url) = new.callback_url.filter(|url| !url.is_empty()) {
        settings.callback_url = url;
    }
    settings.on_auth_creation = new.on_auth_creation.unwrap_or(settings.on_auth_creation);
    settings.on_auth_refresh_error = new.on_auth_refresh_error.unwrap_or(settings.on_auth_refresh_error);
    Ok(done())
}

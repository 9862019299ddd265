//! Endpoints of the environment (wire reference 5), and `POST /connect/telemetry` (wire reference
//! 9.4), which is validated and discarded.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::app::App;
use crate::auth;
use crate::check::{INTEGRATION_ID, Text};
use crate::http::{ApiError, Call, finish_body, reply};

/// `GET /environment-variables`: returns a bare array.
pub(crate) async fn variables(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key_for_credentials(&app, &call, &["environment:variables:read"])?;
    call.no_query()?;
    let variables = app.read(|state| state.variables.clone());
    Ok(reply::json(200, &variables))
}

/// `GET /environments`: refuses every key, since it takes keys of an account and all keys here
/// belong to an environment.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &[])?;
    Err(auth::insufficient_scope(&["account:environments:list"]))
}

/// `POST /environment/webhook-signing-key/rotate`: replaces the key at once, without overlap.
pub(crate) async fn rotate_signing_key(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key_for_credentials(&app, &call, &["environment:webhook_signing_key:rotate"])?;
    let key = app.ids.uuid();
    app.keys.rotate(key.clone(), 0);
    Ok(reply::json(200, &json!({ "data": { "webhook_signing_key": key } })))
}

const EVENTS: [&str; 15] = [
    "open",
    "view:list",
    "view:integration",
    "view:unknown_error",
    "view:credentials_error",
    "view:success",
    "click:integration",
    "click:doc",
    "click:doc_section",
    "click:connect",
    "click:close",
    "click:finish",
    "click:outside",
    "popup:blocked_by_browser",
    "popup:closed_early",
];

pub(crate) async fn telemetry(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::session_from_body(&app, &call)?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("token", Text::ANY);
    fields.choice("event", &EVENTS);
    fields.date("timestamp");
    if let Some(dimensions) = fields.take("dimensions") {
        fields.nested(Some(dimensions), &["dimensions"], |inner| {
            inner.optional("integration", INTEGRATION_ID);
        });
    }
    finish_body(fields)?;
    Ok(reply::empty())
}

//! `POST /connect/sessions` (wire reference 2.1), `POST /connect/sessions/reconnect` (2.4; the rules
//! for the renewed connection are in `connections/upsert.rs`), `GET` and `DELETE /connect/session`
//! (2.5, 2.6).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::body::SessionInput;
use super::store::store_and_reply;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, wrong_type};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::{EndUser, ReconnectTarget};

pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    // An empty body is reported as a missing `end_user`, not as missing `tags`.
    let tagged = call.body.as_ref().is_some_and(|body| body.get("tags").is_some());
    let end_user = EndUser::take(&mut fields, !tagged);
    let allowed = take_allowed(&mut fields);
    let common = SessionInput::take(&mut fields);
    finish_body(fields)?;
    let common = common.move_webhook_url()?;
    app.read(|state| common.check(state, allowed.as_deref().unwrap_or_default()))?;
    let session = common.into_session(&app, end_user, allowed, None)?;
    Ok(store_and_reply(&app, session))
}

fn take_allowed(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    const NAME: &str = "allowed_integrations";
    let value = fields.take(NAME)?;
    let Value::Array(items) = value else {
        fields.push(wrong_type("array", Some(value), &[NAME]));
        return None;
    };
    let mut allowed = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let path = [NAME, &at.to_string()];
        match item {
            Value::String(id) => {
                fields.extend(INTEGRATION_ID.check(id, &path));
                allowed.push(id.clone());
            }
            other => fields.push(wrong_type("string", Some(other), &path)),
        }
    }
    Some(allowed)
}

/// Returns the session for the Connect UI, without its tags.
pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = auth::session_from_header(&app, &call)?;
    call.no_query()?;
    call.no_body()?;
    // A reconnect shows the stored end user, even if the session has another one.
    let stored = session.reconnects.as_ref().and_then(|pinned| {
        app.read(|state| state.connections.by_id(pinned.id).and_then(|c| c.end_user.as_deref().cloned()))
    });
    let end_user = stored.or_else(|| session.end_user.clone()).map(|user| user.view());
    let mut data = json!({
        "endUser": end_user,
        "connectUISettings": {
            "showWatermark": true,
            "defaultTheme": "system",
            "theme": { "light": { "primary": "#00B2E3" }, "dark": { "primary": "#00B2E3" } },
        },
    });
    if let Some(allowed) = session.allowed_integrations.as_ref().filter(|list| !list.is_empty()) {
        data["allowed_integrations"] = json!(allowed);
    }
    if let Some(defaults) = &session.defaults {
        let shown = defaults.iter().map(|(id, entry)| (id.clone(), without_scopes(entry)));
        data["integrations_config_defaults"] = Value::Object(shown.collect());
    }
    if session.reconnects.is_some() {
        data["isReconnecting"] = true.into();
    }
    if let Some(overrides) = &session.overrides {
        data["overrides"] = json!(overrides);
    }
    data["websocketsPath"] = "/".into();
    Ok(reply::json(200, &json!({ "data": data })))
}

fn without_scopes(entry: &Value) -> Value {
    let mut shown = Map::new();
    for key in ["connection_config", "authorization_params"] {
        if let Some(value) = entry.get(key) {
            shown.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(shown)
}

pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = auth::session_from_header(&app, &call)?;
    call.no_query()?;
    call.no_body()?;
    app.write(|state| state.sessions.remove(&session.token));
    Ok(reply::empty())
}

pub(crate) async fn reconnect(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    let end_user = EndUser::take(&mut fields, false);
    let common = SessionInput::take(&mut fields);
    finish_body(fields)?;
    let common = common.move_webhook_url()?;
    let id = app.read(|state| {
        let found = state.connections.get(integration, connection_id).map(|found| found.id);
        // Nango answers 400, not 404, for every mismatch.
        found.ok_or_else(|| {
            let message = "ConnectionID or IntegrationId does not exists";
            ApiError::new(400, "invalid_body", message)
        })
    })?;
    app.read(|state| common.check(state, &[]))?;
    let pinned = ReconnectTarget { id, connection_id: connection_id.to_owned() };
    let session = common.into_session(&app, end_user, Some(vec![integration.to_owned()]), Some(pinned))?;
    Ok(store_and_reply(&app, session))
}

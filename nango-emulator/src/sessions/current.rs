//! `GET` and `DELETE /connect/session` (wire reference 2.5, 2.6).

use axum::{extract::State, response::Response};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    auth,
    http::{ApiError, Call, reply},
};

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

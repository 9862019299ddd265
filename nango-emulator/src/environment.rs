//! Endpoints of the environment (wire reference 5).

use axum::{extract::State, response::Response};

use serde_json::json;

use crate::{
    app::App,
    auth,
    http::{ApiError, Call, reply},
};

/// `GET /environment-variables`: returns a bare array.
pub(crate) async fn variables(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:variables:read"])?;
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
    auth::api_key(&app, &call, &["environment:webhook_signing_key:rotate"])?;
    let key = app.ids.uuid();
    app.keys.rotate(key.clone(), 0);
    Ok(reply::json(200, &json!({ "data": { "webhook_signing_key": key } })))
}

//! `GET` and `DELETE` of integrations (wire reference 5).

use axum::{extract::State, response::Response};
use serde_json::json;

use super::view::{Include, view};
use crate::{
    app::App,
    auth,
    check::INTEGRATION_ID,
    http::{ApiError, Call, reply},
    model::{self, Integration, Session},
};

/// Returns the integrations that a session allows, or all of them.
fn visible<'a>(
    state: &'a model::State,
    session: Option<&'a Session>,
) -> impl Iterator<Item = &'a Integration> {
    let allowed = move |one: &&Integration| session.is_none_or(|s| s.allows(&one.unique_key));
    state.integrations.iter().filter(allowed)
}

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = auth::key_or_session(
        &app,
        &call,
        &["environment:integrations:list", "environment:integrations:list_credentials"],
    )?;
    call.no_query()?;
    let data: Vec<_> = app.read(|state| {
        let all = visible(state, session.as_ref());
        all.map(|one| view(&app, one, &Include::default())).collect()
    });
    Ok(reply::json(200, &json!({ "data": data })))
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(
        &app,
        &call,
        &["environment:integrations:read", "environment:integrations:read_credentials"],
    )?;
    let include = Include::read(&call)?;
    let key = unique_key_param(&call)?;
    let found = app.read(|state| state.integration(key).map(|one| view(&app, one, &include)));
    match found {
        Some(view) => Ok(reply::json(200, &json!({ "data": view }))),
        None => Err(unknown(key)),
    }
}

/// Returns the unique key of the path.
pub(super) fn unique_key_param(call: &Call) -> Result<&str, ApiError> {
    call.checked_param("key", "uniqueKey", INTEGRATION_ID)
}

pub(super) fn unknown(key: &str) -> ApiError {
    ApiError::new(404, "not_found", format!("Integration \"{key}\" does not exist"))
}

/// Deletes the integration and its connections.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:delete"])?;
    call.no_query()?;
    let key = unique_key_param(&call)?;
    let found = app.write(|state| {
        let before = state.integrations.len();
        state.integrations.retain(|one| one.unique_key != key);
        state.connections.remove_integration(key);
        state.integrations.len() < before
    });
    if found {
        return Ok(reply::success());
    }
    Err(ApiError::new(404, "not_found", "Integration does not exist"))
}

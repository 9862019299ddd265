//! Control endpoints for connections.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::actions;
use crate::app::App;
use crate::http::{ApiError, Call, reply};
use crate::model::Account;
use crate::oauth2::accounts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectionSelector {
    integration: String,
    connection_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    integration: String,
    /// All connections of the integration without it.
    connection_id: Option<String>,
    /// Runs Nango's next refresh or test now.
    #[serde(default = "yes")]
    notice: bool,
}

fn yes() -> bool {
    true
}

fn unknown(_: actions::UnknownConnection) -> ApiError {
    ApiError::new(404, "not_found", "Failed to find connection")
}

pub(super) async fn revoke(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Revoke = call.json()?;
    let ids = match wanted.connection_id {
        Some(id) => vec![id],
        None => ids_of(&app, &wanted.integration)?,
    };
    for id in ids {
        actions::revoke(&app, &wanted.integration, &id, wanted.notice).await.map_err(unknown)?;
    }
    Ok(reply::success())
}

/// Returns the ids of an integration's connections, of which there is at least one.
fn ids_of(app: &App, integration: &str) -> Result<Vec<String>, ApiError> {
    let ids: Vec<_> = app.read(|state| {
        let all = state.connections.with_integration(integration);
        all.map(|connection| connection.connection_id.clone()).collect()
    });
    if ids.is_empty() { Err(unknown(actions::UnknownConnection)) } else { Ok(ids) }
}

pub(super) async fn restore(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let which: ConnectionSelector = call.json()?;
    actions::restore(&app, &which.integration, &which.connection_id).await.map_err(unknown)?;
    Ok(reply::success())
}

pub(super) async fn expire(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let which: ConnectionSelector = call.json()?;
    actions::expire(&app, &which.integration, &which.connection_id).map_err(unknown)?;
    Ok(reply::success())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    integration: String,
    connection_id: String,
    email: String,
    name: Option<String>,
    team: Option<String>,
}

pub(super) async fn account(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: NewAccount = call.json()?;
    let mut account = Account::new(wanted.email);
    account = match wanted.name {
        Some(name) => account.name(name),
        None => account,
    };
    account = match wanted.team {
        Some(team) => account.team(team),
        None => account,
    };
    if accounts::set(&app, &wanted.integration, &wanted.connection_id, &account) {
        return Ok(reply::success());
    }
    Err(unknown(actions::UnknownConnection))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    integration: String,
    count: u32,
    #[serde(default = "numbered")]
    connection_id: String,
    #[serde(default)]
    tags: Map<String, Value>,
    #[serde(default)]
    credentials: Option<Map<String, Value>>,
}

fn numbered() -> String {
    "imported-{n}".to_owned()
}

pub(super) async fn import(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Import = call.json()?;
    let (id, tags) = (&wanted.connection_id, &wanted.tags);
    let total = actions::import_many(&app, &wanted.integration, wanted.count, id, tags, wanted.credentials)?;
    Ok(reply::json(200, &json!({ "connections": total })))
}

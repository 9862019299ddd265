//! `GET /connections/{id}` (wire reference 4.2). Has side effects: it refreshes the token and
//! counts as a fetch.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::refresh::{self, RefreshError};
use crate::{
    app::App,
    auth,
    check::{CONNECTION_ID, INTEGRATION_ID},
    http::{ApiError, Call, finish_query, query::boolean, reply},
    time,
};

/// Returns the connection id of the path.
pub(super) fn connection_id(call: &Call) -> Result<&str, ApiError> {
    call.checked_param("connectionId", "connectionId", CONNECTION_ID)
}

/// Returns the error for an unknown integration: 400 here, 404 on other routes.
pub(super) fn unknown_integration() -> ApiError {
    ApiError::new(400, "unknown_provider_config", "Provider does not exists")
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    const CREDENTIALS: &str = "environment:connections:read_credentials";
    let held = auth::api_key(&app, &call, &["environment:connections:read", CREDENTIALS])?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let force = boolean(&mut fields, "force_refresh");
    let with_refresh_token = boolean(&mut fields, "refresh_token");
    let jwt = boolean(&mut fields, "refresh_github_app_jwt_token");
    finish_query(fields)?;
    let connection_id = connection_id(&call)?;
    let may_read = held.include(CREDENTIALS);
    if !may_read && (force || with_refresh_token || jwt) {
        let message = format!("Credential and refresh options require the {CREDENTIALS} scope");
        return Err(ApiError::new(403, "forbidden", message));
    }
    let found = app.read(|state| {
        state.integration(integration).ok_or_else(unknown_integration)?;
        let found = state.connections.get(integration, connection_id).cloned();
        found.ok_or_else(|| ApiError::new(404, "not_found", "Failed to find connection"))
    })?;
    if !may_read {
        return Ok(reply::json(200, &found.full(time::with_offset, &json!({}))));
    }
    if let Err(error) = refresh::ensure_fresh(&app, integration, connection_id, force).await {
        return Err(refused(&app, integration, connection_id, &error));
    }
    let now = app.clock.now();
    let view = app.write_unsynced(|state| {
        state.connections.update(integration, connection_id, |connection| {
            connection.last_fetched_at = Some(now);
            let credentials = connection.credentials.view(with_refresh_token);
            connection.full(time::with_offset, &credentials)
        })
    });
    let gone = || ApiError::new(404, "not_found", "Failed to find connection");
    view.map(|view| reply::json(200, &view)).ok_or_else(gone)
}

/// Returns `invalid_credentials`, with 400 after an attempt in this request and 424 otherwise.
fn refused(app: &App, integration: &str, connection_id: &str, error: &RefreshError) -> ApiError {
    let status = if matches!(error, RefreshError::Failed { .. }) { 400 } else { 424 };
    let connection = app.read(|state| {
        let connection = state.connections.get(integration, connection_id)?;
        Some(connection.full(time::with_offset, &json!({})))
    });
    ApiError::new(status, "invalid_credentials", error.message())
        .with("payload", json!({ "connection": connection }))
}

//! `GET /connections/{id}` (wire reference 4.2). Not free of effects: it refreshes, and it counts as
//! a fetch.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::refresh::{self, Trouble};
use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_query},
        check::{CONNECTION_ID, INTEGRATION_ID, text_param},
        envelope::Refusal,
        query::boolean,
        reply,
    },
    time,
};

/// The connection id of the path, checked.
pub(super) fn connection_id(call: &Call) -> Result<&str, Refusal> {
    text_param(call.param("connectionId"), "connectionId", CONNECTION_ID)
}

/// 400 here, 404 elsewhere.
pub(super) fn unknown_integration() -> Refusal {
    Refusal::new(400, "unknown_provider_config", "Provider does not exists")
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    const CREDENTIALS: &str = "environment:connections:read_credentials";
    let holder = auth::key(&app, &call, &["environment:connections:read", CREDENTIALS])?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let force = boolean(&mut fields, "force_refresh");
    let with_refresh_token = boolean(&mut fields, "refresh_token");
    let jwt = boolean(&mut fields, "refresh_github_app_jwt_token");
    fields.strict();
    refuse_query(&fields.issues)?;
    let connection_id = connection_id(&call)?;
    let may_read = holder.has(CREDENTIALS);
    if !may_read && (force || with_refresh_token || jwt) {
        let message = format!("Credential and refresh options require the {CREDENTIALS} scope");
        return Err(Refusal::new(403, "forbidden", message));
    }
    let found = app.read(|state| {
        state.integration(integration).ok_or_else(unknown_integration)?;
        let found = state.connections.get(integration, connection_id).cloned();
        found.ok_or_else(|| Refusal::new(404, "not_found", "Failed to find connection"))
    })?;
    if !may_read {
        return Ok(reply::json(200, &found.full(time::offset, &json!({}))));
    }
    if let Err(trouble) = refresh::ensure(&app, integration, connection_id, force).await {
        return Err(refused(&app, integration, connection_id, &trouble));
    }
    let now = app.clock.now();
    let view = app.write_lazily(|state| {
        state.connections.change(integration, connection_id, |connection| {
            connection.last_fetched_at = Some(now);
            let credentials = connection.credentials.view(with_refresh_token);
            connection.full(time::offset, &credentials)
        })
    });
    let gone = || Refusal::new(404, "not_found", "Failed to find connection");
    view.map(|view| reply::json(200, &view)).ok_or_else(gone)
}

/// Always `invalid_credentials`: 400 when it was tried just now, 424 when it was not.
fn refused(app: &App, integration: &str, connection_id: &str, trouble: &Trouble) -> Refusal {
    let status = if matches!(trouble, Trouble::Failed { .. }) { 400 } else { 424 };
    let connection = app.read(|state| {
        let connection = state.connections.get(integration, connection_id)?;
        Some(connection.full(time::offset, &json!({})))
    });
    Refusal::new(status, "invalid_credentials", trouble.message())
        .with("payload", json!({ "connection": connection }))
}

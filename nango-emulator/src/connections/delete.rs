//! `DELETE /connections/{id}` (wire reference 4.6). Sends no webhook.

use axum::{extract::State, response::Response};

use super::get::connection_id;
use crate::{
    app::App,
    auth,
    check::INTEGRATION_ID,
    http::{ApiError, Call, finish_query, reply},
};

pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connections:delete"])?;
    let connection_id = connection_id(&call)?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    finish_query(fields)?;
    let removed = app.write(|state| state.connections.remove(integration, connection_id));
    match removed {
        Some(_) => Ok(reply::success()),
        // Nango answers 400, not 404, for a missing integration too.
        None => Err(ApiError::code(400, "unknown_connection")),
    }
}

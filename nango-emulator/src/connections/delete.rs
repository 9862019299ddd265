//! `DELETE /connections/{id}` (wire reference 4.6). Sends no webhook.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::get::connection_id;
use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_query},
        check::INTEGRATION_ID,
        envelope::Refusal,
        reply,
    },
};

pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:connections:delete"])?;
    let connection_id = connection_id(&call)?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    fields.strict();
    refuse_query(&fields.issues)?;
    let removed = app.write(|state| state.connections.remove(integration, connection_id));
    match removed {
        Some(_) => Ok(reply::json(200, &json!({ "success": true }))),
        // 400 and not 404, whatever is missing.
        None => Err(Refusal::code(400, "unknown_connection")),
    }
}

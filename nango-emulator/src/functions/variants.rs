//! Variants of syncs. There are none (read in Nango's source).

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    auth,
    check::{CONNECTION_ID, INTEGRATION_ID},
    http::{ApiError, Call, finish_body},
};

/// `POST /sync/{name}/variant/{variant}`.
pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:variant:create"])?;
    check(&app, &call)?;
    Err(ApiError::code(400, "unknown_sync"))
}

/// `DELETE /sync/{name}/variant/{variant}`.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:variant:delete"])?;
    check(&app, &call)?;
    Err(ApiError::code(404, "not_found"))
}

fn check(app: &App, call: &Call) -> Result<(), ApiError> {
    let mut fields = call.fields()?;
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    finish_body(fields)?;
    call.no_query()?;
    if call.param("variant").eq_ignore_ascii_case("base") {
        return Err(ApiError::new(400, "invalid_variant", "The base variant belongs to the sync itself"));
    }
    if !app.has_connection(integration, connection_id) {
        return Err(ApiError::code(400, "unknown_connection"));
    }
    Ok(())
}

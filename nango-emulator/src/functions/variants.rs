//! Variants of syncs, of which there are none (read in Nango's source).

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body},
        check::{CONNECTION_ID, INTEGRATION_ID},
        envelope::Refusal,
    },
};

/// `POST /sync/{name}/variant/{variant}`.
pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:variant:create"])?;
    check(&app, &call)?;
    Err(Refusal::code(400, "unknown_sync"))
}

/// `DELETE /sync/{name}/variant/{variant}`.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:variant:delete"])?;
    check(&app, &call)?;
    Err(Refusal::code(404, "not_found"))
}

fn check(app: &App, call: &Call) -> Result<(), Refusal> {
    let mut fields = call.fields()?;
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    fields.strict();
    refuse_body(&fields.issues)?;
    call.no_query()?;
    if call.param("variant").eq_ignore_ascii_case("base") {
        return Err(Refusal::new(400, "invalid_variant", "The base variant belongs to the sync itself"));
    }
    if !app.has_connection(integration, connection_id) {
        return Err(Refusal::code(400, "unknown_connection"));
    }
    Ok(())
}

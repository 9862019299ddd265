//! Actions, other functions, and variants of syncs. There are none (read in Nango's source).

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, NAME, Text};
use crate::http::query::{boolean, number};
use crate::http::{ApiError, Call, finish_body, header_values, refuse_body};

/// `POST /action/trigger`.
pub(crate) async fn trigger(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:actions:execute"])?;
    let names = ["provider-config-key", "connection-id", "x-async", "x-max-retries"];
    let headers = header_values(&call.headers, &names);
    let mut headers = Fields::new(&headers, &[]);
    let integration = headers.required("provider-config-key", INTEGRATION_ID).unwrap_or_default();
    let id = headers.required("connection-id", CONNECTION_ID).unwrap_or_default();
    boolean(&mut headers, "x-async");
    number(&mut headers, "x-max-retries", 0, Some(5));
    if !headers.issues.is_empty() {
        return Err(ApiError::invalid("invalid_headers", &headers.issues));
    }
    call.no_query()?;
    // Nango's schema is not strict here: it ignores unknown keys.
    let mut fields = call.fields()?;
    fields.required("action_name", NAME);
    refuse_body(&fields.issues)?;
    require_connection(&app, integration, id)?;
    Err(ApiError::new(404, "not_found", "Action not found"))
}

pub(super) fn require_connection(app: &App, integration: &str, id: &str) -> Result<(), ApiError> {
    let known = app.has_connection(integration, id);
    let unknown = || ApiError::new(400, "unknown_connection", "Failed to find connection");
    if known { Ok(()) } else { Err(unknown()) }
}

/// `GET /action/{id}`.
pub(crate) async fn action_result(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:actions:execute"])?;
    call.check_uuid_param("id")?;
    Err(ApiError::new(404, "not_found", format!("No action '{}' found", call.param("id"))))
}

/// `POST /functions/invocations`.
pub(crate) async fn invoke(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:invocations"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    let name = fields.required("name", Text::ANY).unwrap_or_default();
    fields.choice("invocation_type", &["wait", "no_wait"]);
    fields.take("input");
    fields.take("options");
    finish_body(fields)?;
    if !app.has_connection(integration, connection_id) {
        let message = format!("Connection '{connection_id}' was not found for integration '{integration}'");
        return Err(ApiError::new(404, "connection_not_found", message));
    }
    Err(ApiError::new(404, "unknown_function", format!("Function '{name}' was not found")))
}

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
    call.check_params(&["name", "variant"], NAME)?;
    call.no_query()?;
    if call.param("variant").eq_ignore_ascii_case("base") {
        return Err(ApiError::new(400, "invalid_variant", "The base variant belongs to the sync itself"));
    }
    if !app.has_connection(integration, connection_id) {
        return Err(ApiError::code(400, "unknown_connection"));
    }
    Ok(())
}

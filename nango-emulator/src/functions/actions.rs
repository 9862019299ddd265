//! Actions and other functions. None is deployed.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    auth,
    check::{CONNECTION_ID, Fields, INTEGRATION_ID, NAME, Text},
    http::{
        ApiError, Call, header_values,
        query::{boolean, number},
        refuse_body,
    },
};

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

fn require_connection(app: &App, integration: &str, id: &str) -> Result<(), ApiError> {
    let known = app.has_connection(integration, id);
    let unknown = || ApiError::new(400, "unknown_connection", "Failed to find connection");
    if known { Ok(()) } else { Err(unknown()) }
}

/// `GET /action/{id}`.
pub(crate) async fn action_result(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:actions:execute"])?;
    call.check_uuid_param("id")?;
    Err(ApiError::new(404, "not_found", "Action result not found"))
}

/// `POST /functions/invocations`.
pub(crate) async fn invoke(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:invocations"])?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    fields.required("name", Text::ANY);
    fields.choice("invocation_type", &["wait", "no_wait"]);
    refuse_body(&fields.issues)?;
    require_connection(&app, integration, connection_id)?;
    Err(ApiError::new(404, "not_found", "Function not found"))
}

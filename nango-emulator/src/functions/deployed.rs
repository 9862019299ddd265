//! Deployed functions, their endpoints, scripts and tools. None is deployed (read in Nango's
//! source).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::actions::require_connection;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, NAME, Text};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_query, header_values, reply};

/// `GET /integrations/{key}/functions`.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:list"])?;
    let mut fields = call.query_fields();
    fields.optional_choice("type", &["sync", "action", "on-event"]);
    fields.optional("search", Text::between(1, 255));
    let page = number(&mut fields, "page", 0, None).unwrap_or(0);
    let limit = number(&mut fields, "limit", 1, Some(100)).unwrap_or(20);
    finish_query(fields)?;
    require_integration(&app, &call)?;
    let pagination = json!({ "total": 0, "page": page, "limit": limit });
    Ok(reply::json(200, &json!({ "data": [], "pagination": pagination })))
}

/// `GET /integrations/{key}/functions/{name}`.
pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    no_function(&app, &call)
}

/// `GET /integrations/{key}/functions/{name}/code`.
pub(crate) async fn code(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    no_function(&app, &call)
}

fn no_function(app: &App, call: &Call) -> Result<Response, ApiError> {
    auth::api_key(app, call, &["environment:functions:read"])?;
    let mut fields = call.query_fields();
    fields.optional_choice("type", &["sync", "action", "on-event"]);
    finish_query(fields)?;
    call.check_params(&["name"], NAME)?;
    require_integration(app, call)?;
    Err(missing())
}

/// `DELETE /integrations/{key}/functions/{name}`: requires the type, since a sync and an action may
/// share a name.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:delete"])?;
    let mut fields = call.query_fields();
    fields.choice("type", &["sync", "action"]);
    finish_query(fields)?;
    call.check_params(&["name"], NAME)?;
    require_integration(&app, &call)?;
    Err(missing())
}

fn require_integration(app: &App, call: &Call) -> Result<(), ApiError> {
    if app.read(|state| state.integration(call.param("key")).is_some()) {
        return Ok(());
    }
    Err(ApiError::new(404, "not_found", "Integration does not exist"))
}

fn missing() -> ApiError {
    ApiError::new(404, "not_found", "Function does not exist")
}

/// `GET /scripts/config`.
pub(crate) async fn scripts(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:list_functions"])?;
    Ok(reply::json(200, &json!([])))
}

/// `ANY /v1/{path}`: endpoints that functions define. Requires the connection first.
pub(crate) async fn endpoint(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &[])?;
    let headers = header_values(&call.headers, &["provider-config-key", "connection-id"]);
    let mut headers = Fields::new(&headers, &[]);
    let integration = headers.required("provider-config-key", INTEGRATION_ID).unwrap_or_default();
    let id = headers.required("connection-id", CONNECTION_ID).unwrap_or_default();
    if !headers.issues.is_empty() {
        return Err(ApiError::invalid("invalid_headers", &headers.issues));
    }
    require_connection(&app, integration, id)?;
    let path = call.path.strip_prefix("/v1").unwrap_or(&call.path);
    let message = format!("Unknown endpoint '{} {path}'", call.method);
    Ok(reply::json(404, &json!({ "message": message })))
}

/// `GET /mcp`.
pub(crate) async fn mcp(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:mcp"])?;
    let body = json!({
        "jsonrpc": "2.0",
        "error": { "code": -32000, "message": "Method not allowed." },
        "id": null,
    });
    Ok(reply::json(405, &body))
}

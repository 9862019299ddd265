//! Actions (data plane reference 7).

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, NAME};
use crate::code::ActionCall;
use crate::http::query::{boolean, number};
use crate::http::{ApiError, Call, header_values, refuse_body, reply};
use crate::model::functions::{FunctionError, FunctionKind, Invocation};
use crate::runs;

/// `POST /action/trigger`.
pub(crate) async fn trigger(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:actions:execute"])?;
    let names = ["provider-config-key", "connection-id", "x-async", "x-max-retries"];
    let headers = header_values(&call.headers, &names);
    let mut headers = Fields::new(&headers, &[]);
    let integration = headers.required("provider-config-key", INTEGRATION_ID).unwrap_or_default();
    let id = headers.required("connection-id", CONNECTION_ID).unwrap_or_default();
    let in_background = boolean(&mut headers, "x-async");
    let max_retries = number(&mut headers, "x-max-retries", 0, Some(5)).unwrap_or(0);
    if !headers.issues.is_empty() {
        return Err(ApiError::invalid("invalid_headers", &headers.issues));
    }
    call.no_query()?;
    // Nango's schema is not strict here: it ignores unknown keys.
    let mut fields = call.fields()?;
    let name = fields.required("action_name", NAME).unwrap_or_default();
    let input = fields.take("input").cloned().unwrap_or_default();
    refuse_body(&fields.issues)?;
    require_connection(&app, integration, id)?;
    let found = app.read(|state| state.functions.get(FunctionKind::Action, integration, name).cloned());
    let function = found.ok_or_else(|| ApiError::new(404, "not_found", "Action not found"))?;
    let call =
        ActionCall { attempt: 1, connection_id: id.to_owned(), input, integration: integration.to_owned() };
    if in_background {
        let max_retries = u32::try_from(max_retries).unwrap_or(0);
        return Ok(accepted(&runs::action_in_background(&app, function, call, max_retries)));
    }
    let file = function.file();
    match runs::run_action(&app, &function, call).await {
        Ok(output) => Ok(reply::json(200, &output)),
        Err(_) if app.faults().hides_action_error() => Err(hidden(&app)),
        Err(error) => Err(failed(&error, &file)),
    }
}

/// Returns the error that a failing action sometimes has in place of its own: Nango reads the state
/// of the task before its end is committed (observed in 6 of 16 failures).
fn hidden(app: &App) -> ApiError {
    let payload = format!("Task {} is in progress", app.ids.uuid());
    let message = "The action script failed with an error";
    ApiError::legacy(500, "action_script_failure", message, payload.into())
}

fn accepted(id: &str) -> Response {
    let status_url = format!("/action/{id}");
    let mut response = reply::json(202, &json!({ "id": id, "statusUrl": status_url }));
    if let Ok(location) = HeaderValue::try_from(status_url) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Returns the error of an action's code. That of a call to the provider has no message (observed).
fn failed(error: &FunctionError, file: &str) -> ApiError {
    match error.upstream() {
        Some(upstream) => {
            let refusal = ApiError::code(424, error.code()).with("payload", error.payload(file));
            refusal.with("upstream", upstream)
        }
        None => ApiError::legacy(500, error.code(), error.description(), error.payload(file)),
    }
}

pub(super) fn require_connection(app: &App, integration: &str, id: &str) -> Result<(), ApiError> {
    let known = app.has_connection(integration, id);
    let unknown = || ApiError::new(400, "unknown_connection", "Failed to find connection");
    if known { Ok(()) } else { Err(unknown()) }
}

/// `GET /action/{id}`: an action that has not ended, and one without output, answer like an unknown
/// id (observed).
pub(crate) async fn result(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:actions:execute"])?;
    call.check_uuid_param("id")?;
    let id = call.param("id");
    let now = app.clock.now();
    match app.read(|state| state.invocations.get(id, now).cloned()) {
        Some(Invocation::Failed { error, file }) => Err(failed(&error, &file)),
        Some(Invocation::Done(output)) if output != Value::Null => Ok(reply::json(200, &output)),
        _ => Err(ApiError::new(404, "not_found", format!("No action '{id}' found"))),
    }
}

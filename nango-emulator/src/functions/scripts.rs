//! Scripts as older APIs show them, and endpoints that the emulator cannot serve (data plane reference
//! 8).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::actions::require_connection;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, Text};
use crate::http::{ApiError, Call, finish_body, header_values, refuse_body, reply};
use crate::model::functions::{Function, FunctionKind};

/// `GET /scripts/config`: every format but `openai` is Nango's own.
pub(crate) async fn scripts(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:list_functions"])?;
    let openai = call.query.get("format").and_then(Value::as_str) == Some("openai");
    let body = app.read(|state| {
        let keys = state.integrations.iter().map(|one| (one.unique_key.as_str(), one.provider.as_str()));
        let deployed = keys.map(|(key, provider)| (key, provider, state.functions.of(key)));
        let deployed = deployed.filter(|(_, _, functions)| !functions.is_empty());
        if openai {
            return json!({ "data": deployed.flat_map(|(.., functions)| tools(&functions)).collect::<Vec<_>>() });
        }
        deployed.map(|(key, provider, functions)| scripts_of(key, provider, &functions)).collect()
    });
    Ok(reply::json(200, &body))
}

fn of_kind<'a>(functions: &'a [&Function], kind: FunctionKind) -> impl Iterator<Item = &'a Function> {
    functions.iter().copied().filter(move |one| one.deployed.kind == kind)
}

/// Returns the tools of one integration, syncs first.
fn tools(functions: &[&Function]) -> Vec<Value> {
    let syncs = of_kind(functions, FunctionKind::Sync);
    syncs.chain(of_kind(functions, FunctionKind::Action)).map(Function::tool).collect()
}

fn scripts_of(key: &str, provider: &str, functions: &[&Function]) -> Value {
    let scripts = |kind| of_kind(functions, kind).map(Function::script).collect::<Vec<_>>();
    json!({
        "actions": scripts(FunctionKind::Action),
        "providerConfigKey": key,
        "provider": provider,
        "syncs": scripts(FunctionKind::Sync),
        "on-events": scripts(FunctionKind::OnEvent),
    })
}

/// `POST /functions/invocations`: not implemented in this version of Nango. It does not find actions
/// (both observed).
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
    if app.read(|state| state.functions.sync(integration, name).is_some()) {
        return Err(not_implemented());
    }
    Err(ApiError::new(404, "unknown_function", format!("Function '{name}' was not found")))
}

/// `POST /functions/compile`: needs a sandbox, which a self-hosted Nango does not have.
pub(crate) async fn compile(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:compile"])?;
    let mut fields = call.fields()?;
    fields.required("code", Text::ANY);
    refuse_body(&fields.issues)?;
    Err(not_implemented())
}

/// `POST /functions/deployments`: needs a sandbox, too.
pub(crate) async fn remote_deploy(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:deploy"])?;
    let mut fields = call.fields()?;
    let kind = fields.take("type").and_then(Value::as_str);
    if !matches!(kind, Some("sync" | "action" | "on-event")) {
        fields.push(Issue::new("invalid_union", "Invalid input", &["type"]));
    }
    refuse_body(&fields.issues)?;
    Err(not_implemented())
}

fn not_implemented() -> ApiError {
    ApiError::new(501, "not_implemented", "This endpoint is not implemented")
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

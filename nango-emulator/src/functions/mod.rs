//! Syncs, records and actions of an environment without deployed functions (wire reference 7;
//! observed on Nango 0.71.4).

mod deployed;
mod records;
mod variants;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::HeaderMap;
use serde_json::{Map, Value, json};

pub(crate) use deployed::{code, delete, get, list};
pub(crate) use records::{list as records, prune};
pub(crate) use variants::{create as create_variant, delete as delete_variant};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, LenientCall, refuse_body, refuse_query},
        check::{CONNECTION_ID, Fields, INTEGRATION_ID, Text, wrong_type},
        envelope::{Issue, Refusal},
        reply,
    },
};

/// `POST /sync/trigger`, which also takes the connection from headers and looks it up.
pub(crate) async fn trigger(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:execute"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    take_syncs(&mut fields);
    let modes = ["incremental", "full_refresh", "full_refresh_and_clear_cache"];
    if let Some(mode) = fields.take("sync_mode")
        && !mode.as_str().is_some_and(|mode| modes.contains(&mode))
    {
        fields.push(Issue::one_of(&modes, &["sync_mode"]));
    }
    fields.boolean("full_resync");
    // What the SDKs send today (read in Nango's source).
    if let Some(opts) = fields.take("opts") {
        match Fields::of(Some(opts), &["opts"]) {
            Ok(mut opts) => {
                opts.boolean("reset");
                opts.boolean("emptyCache");
                fields.issues.append(&mut opts.issues);
            }
            Err(issue) => fields.push(issue),
        }
    }
    let connection_id = fields.optional("connection_id", Text::ANY);
    let integration = fields.optional("provider_config_key", Text::ANY);
    fields.strict();
    refuse_body(&fields.issues)?;
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(integration) = integration.or_else(|| header("provider-config-key")) else {
        let message = "provider_config_key is neither in the body nor in the headers";
        return Err(Refusal::new(400, "missing_provider_config_key", message));
    };
    if let Some(id) = connection_id.or_else(|| header("connection-id"))
        && app.read(|state| state.connections.get(integration, id).is_none())
    {
        let payload = json!({
            "connectionId": id,
            "providerConfigKey": integration,
            "environmentName": app.environment.name,
        });
        let message = "No connection matches the given connection_id and provider_config_key.";
        return Err(Refusal::legacy(404, "unknown_connection", message, payload));
    }
    Err(no_syncs())
}

/// `POST /sync/start` and `/sync/pause`.
pub(crate) async fn start_or_pause(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:execute"])?;
    let mut fields = call.fields()?;
    take_syncs(&mut fields);
    fields.required("provider_config_key", INTEGRATION_ID);
    fields.optional("connection_id", CONNECTION_ID);
    fields.strict();
    refuse_body(&fields.issues)?;
    Err(no_syncs())
}

fn take_syncs(fields: &mut Fields<'_>) {
    match fields.take("syncs") {
        Some(Value::Array(_)) => {}
        other => fields.push(wrong_type("array", other, &["syncs"])),
    }
}

fn no_syncs() -> Refusal {
    Refusal::legacy(400, "no_syncs_found", "No syncs found given the inputs.", json!({}))
}

/// `GET /sync/status`.
pub(crate) async fn status(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:read"])?;
    let mut fields = call.query_fields();
    fields.required("syncs", Text::ANY);
    fields.required("provider_config_key", INTEGRATION_ID);
    fields.optional("connection_id", CONNECTION_ID);
    refuse_query(&fields.issues)?;
    Ok(reply::json(200, &json!({ "syncs": [] })))
}

/// `PUT /sync/update-connection-frequency`.
pub(crate) async fn frequency(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:syncs:update"])?;
    let mut fields = call.fields()?;
    fields.required("sync_name", Text::ANY);
    fields.required("provider_config_key", INTEGRATION_ID);
    fields.required("connection_id", CONNECTION_ID);
    match fields.take("frequency") {
        Some(Value::String(_) | Value::Null) => {}
        other => fields.push(wrong_type("string", other, &["frequency"])),
    }
    refuse_body(&fields.issues)?;
    Err(Refusal::code(400, "unknown_sync"))
}

/// `POST /action/trigger`.
pub(crate) async fn action(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:actions:execute"])?;
    let (integration, id) = connection_headers(&call.headers)?;
    let mut fields = call.fields()?;
    fields.required("action_name", Text::ANY);
    refuse_body(&fields.issues)?;
    if app.read(|state| state.connections.get(&integration, &id).is_none()) {
        return Err(Refusal::new(400, "unknown_connection", "Failed to find connection"));
    }
    Err(Refusal::new(404, "not_found", "Action not found"))
}

/// `GET /action/{id}`.
pub(crate) async fn action_result(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:actions:execute"])?;
    if uuid::Uuid::try_parse(call.param("id")).is_err() {
        let issue = Issue::new("invalid_format", "Invalid UUID", &["id"]);
        return Err(Refusal::invalid("invalid_uri_params", &[issue]));
    }
    Err(Refusal::new(404, "not_found", "Action result not found"))
}

/// `POST /functions/invocations`.
pub(crate) async fn invoke(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:functions:invocations"])?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    fields.required("name", Text::ANY);
    let kind = fields.take("invocation_type").and_then(Value::as_str);
    if !matches!(kind, Some("wait" | "no_wait")) {
        fields.push(Issue::one_of(&["wait", "no_wait"], &["invocation_type"]));
    }
    refuse_body(&fields.issues)?;
    if app.read(|state| state.connections.get(integration, connection_id).is_none()) {
        return Err(Refusal::new(400, "unknown_connection", "Failed to find connection"));
    }
    Err(Refusal::new(404, "not_found", "Function not found"))
}

/// `GET /scripts/config`.
pub(crate) async fn scripts(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:list_functions"])?;
    Ok(reply::json(200, &json!([])))
}

/// `ANY /v1/{path}`: endpoints that functions would define.
pub(crate) async fn endpoint(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, Refusal> {
    auth::key(&app, &call, &[])?;
    let path = call.path.strip_prefix("/v1").unwrap_or(&call.path);
    let message = format!("Unknown endpoint '{} {path}'", call.method);
    Ok(reply::json(404, &json!({ "message": message })))
}

/// `GET /mcp`.
pub(crate) async fn mcp(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:mcp"])?;
    let body = json!({
        "jsonrpc": "2.0",
        "error": { "code": -32000, "message": "Method not allowed." },
        "id": null,
    });
    Ok(reply::json(405, &body).into_response())
}

/// The integration and connection that a call names in its headers.
fn connection_headers(headers: &HeaderMap) -> Result<(String, String), Refusal> {
    let named: Map<String, Value> = ["provider-config-key", "connection-id"]
        .iter()
        .filter_map(|name| {
            let value = headers.get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.into()))
        })
        .collect();
    let mut fields = Fields::new(&named, &[]);
    let integration = fields.required("provider-config-key", INTEGRATION_ID);
    let connection_id = fields.required("connection-id", CONNECTION_ID);
    if !fields.issues.is_empty() {
        return Err(Refusal::invalid("invalid_headers", &fields.issues));
    }
    Ok((integration.unwrap_or_default().to_owned(), connection_id.unwrap_or_default().to_owned()))
}

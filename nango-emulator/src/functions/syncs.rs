//! Commands for syncs. There are none.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, NAME, Text, wrong_type};
use crate::http::{ApiError, Call, finish_body, finish_query, reply};

/// `POST /sync/trigger`: also accepts the connection in headers.
pub(crate) async fn trigger(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:execute"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    take_syncs(&mut fields, None);
    let modes = ["incremental", "full_refresh", "full_refresh_and_clear_cache"];
    let mode = fields.optional_choice("sync_mode", &modes);
    let resync = fields.boolean("full_resync");
    // Current SDKs send `opts` (read in Nango's source).
    let opts = fields.take("opts");
    if let Some(opts) = opts {
        fields.nested(Some(opts), &["opts"], |opts| {
            opts.boolean("reset");
            opts.boolean("emptyCache");
        });
    }
    let connection_id = fields.optional("connection_id", Text::ANY);
    let integration = fields.optional("provider_config_key", Text::ANY);
    finish_body(fields)?;
    let given = |of_body: Option<&'_ str>, name: &str| {
        let header = || call.headers.get(name).and_then(|value| value.to_str().ok());
        of_body.filter(|text| !text.is_empty()).or_else(header).map(str::to_owned)
    };
    let Some(integration) = given(integration, "provider-config-key") else {
        let message = "provider_config_key is neither in the body nor in the headers";
        return Err(ApiError::new(400, "missing_provider_config_key", message));
    };
    if opts.is_some() && (mode.is_some() || resync.is_some()) {
        let message = "Cannot use opts with deprecated sync_mode/full_resync parameters";
        return Err(ApiError::new(400, "invalid_body", message));
    }
    Err(no_syncs_found(&app, &integration, given(connection_id, "connection-id").as_deref()))
}

/// `POST /sync/start` and `/sync/pause`.
pub(crate) async fn start_or_pause(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:execute"])?;
    let mut fields = call.fields()?;
    take_syncs(&mut fields, Some(256));
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.optional("connection_id", CONNECTION_ID);
    finish_body(fields)?;
    Err(no_syncs_found(&app, integration, connection_id))
}

/// Takes names, or names with variants.
fn take_syncs(fields: &mut Fields<'_>, max: Option<usize>) {
    const FIELD: &str = "syncs";
    let items = match fields.take(FIELD) {
        Some(Value::Array(items)) => items,
        other => return fields.push(wrong_type("array", other, &[FIELD])),
    };
    let text = |item: &Value, name: &str| item.get(name).is_some_and(Value::is_string);
    let named = |item: &Value| item.is_string() || text(item, "name") && text(item, "variant");
    for (at, _) in items.iter().enumerate().filter(|(_, item)| !named(item)) {
        fields.push(Issue::new("invalid_union", "Invalid input", &[FIELD, &at.to_string()]));
    }
    if let Some(max) = max.filter(|&max| items.len() > max) {
        let message = format!("Too big: expected array to have <={max} items");
        fields.push(Issue::new("too_big", message, &[FIELD]));
    }
}

/// Returns the error for a missing connection, otherwise the one for missing syncs.
fn no_syncs_found(app: &App, integration: &str, connection_id: Option<&str>) -> ApiError {
    if let Some(id) = connection_id
        && !app.has_connection(integration, id)
    {
        let payload = json!({ "connectionId": id, "providerConfigKey": integration });
        let message = format!(
            "No connection matching the provided params of 'connection_id' and 'provider_config_key'. \
             Please make sure these values exist in the Nango dashboard {payload:#}"
        );
        return ApiError::legacy(404, "unknown_connection", &message, payload);
    }
    ApiError::legacy(400, "no_syncs_found", "No syncs found given the inputs.", json!({}))
}

/// `GET /sync/status`.
pub(crate) async fn status(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:read"])?;
    let mut fields = call.query_fields();
    fields.required("syncs", Text::ANY);
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.optional("connection_id", CONNECTION_ID);
    finish_query(fields)?;
    if let Some(id) = connection_id
        && !app.has_connection(integration, id)
    {
        return Err(ApiError::new(400, "invalid_body", "Connection not found"));
    }
    Ok(reply::json(200, &json!({ "syncs": [] })))
}

/// Nango's pattern of frequencies, which its error quotes.
const FREQUENCY: &str = r"^(?<every>every )?((?<amount>[0-9]+)?\s?(?<unit>(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))|(?<unit2>(month|week|half day|half hour|quarter hour)))$";

fn is_frequency(text: &str) -> bool {
    regex_lite::Regex::new(FREQUENCY).is_ok_and(|pattern| pattern.is_match(text))
}

/// `PUT /sync/update-connection-frequency`.
pub(crate) async fn frequency(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:update"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("sync_name", NAME);
    fields.optional("sync_variant", NAME);
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    match fields.take("frequency") {
        Some(Value::String(text)) => {
            if !is_frequency(text) {
                let message = format!("Invalid string: must match pattern /{FREQUENCY}/");
                fields.push(Issue::new("invalid_format", message, &["frequency"]));
            }
        }
        Some(Value::Null) => {}
        other => fields.push(wrong_type("string", other, &["frequency"])),
    }
    finish_body(fields)?;
    if !app.has_connection(integration, connection_id) {
        return Err(ApiError::code(400, "unknown_connection"));
    }
    Err(ApiError::code(400, "unknown_sync"))
}

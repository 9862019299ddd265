//! Records that syncs fetch. There are none (wire reference 7).

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{
    CONNECTION_ID, Fields, INTEGRATION_ID, Issue, MODEL, NAME, Text, date_of_javascript, is_uuid,
};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_body, finish_query, header_values, reply};

/// `GET /records`: returns no records for any model.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:records:read"])?;
    let mut fields = call.query_fields();
    fields.required("model", MODEL);
    fields.optional("variant", NAME);
    changed_since(&app, &mut fields, "delta");
    changed_since(&app, &mut fields, "modified_after");
    number(&mut fields, "limit", 1, Some(10_000));
    filter(&mut fields);
    let cursor = fields.optional("cursor", Text::between(1, 1000));
    ids(&mut fields);
    finish_query(fields)?;
    require_connection(&app, &call)?;
    require_cursor(cursor)?;
    Ok(reply::json(200, &json!({ "next_cursor": null, "records": [] })))
}

/// Checks a time of the last year in ISO 8601 in UTC, the only zone that zod accepts here.
fn changed_since(app: &App, fields: &mut Fields<'_>, name: &'static str) {
    const LOOKBACK: SignedDuration = SignedDuration::from_hours(365 * 24);
    let Some(text) = fields.optional(name, Text::ANY) else { return };
    if !text.ends_with('Z') || text.parse::<Timestamp>().is_err() {
        fields.push(Issue::new("invalid_format", "Invalid ISO datetime", &[name]));
    }
    // Nango reads the time once more as JavaScript does, which accepts further forms.
    let at = date_of_javascript(&text.into());
    if at.is_none_or(|at| app.clock.now().duration_since(at) > LOOKBACK) {
        fields.push(Issue::custom("must be within the last 12 months", &[name]));
    }
}

/// Checks a cursor: the position of a record, in Base64. Nango fails for any other text.
fn require_cursor(cursor: Option<&str>) -> Result<(), ApiError> {
    let is_position = |cursor: &str| {
        let position = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        let (at, id) = position.split_once("||")?;
        Some(at.parse::<Timestamp>().is_ok() && is_uuid(id))
    };
    match cursor {
        Some(cursor) if is_position(cursor) != Some(true) => {
            Err(ApiError::new(500, "server_error", "Failed to fetch records"))
        }
        _ => Ok(()),
    }
}

/// Checks a list of change kinds, separated by commas.
fn filter(fields: &mut Fields<'_>) {
    const KINDS: [&str; 6] = ["added", "updated", "deleted", "ADDED", "UPDATED", "DELETED"];
    let kinds = fields.optional("filter", Text::ANY).into_iter().flat_map(|text| text.split(','));
    for (at, _) in kinds.enumerate().filter(|(_, kind)| !KINDS.contains(kind)) {
        fields.push(Issue::one_of(&KINDS, &["filter", &at.to_string()]));
    }
}

/// Checks one id, or up to a hundred.
fn ids(fields: &mut Fields<'_>) {
    let fits = |id: &Value| id.as_str().is_some_and(|id| Text::between(1, 256).check(id, &[]).is_empty());
    let wrong = match fields.take("ids") {
        None => false,
        Some(Value::Array(ids)) => ids.len() > 100 || !ids.iter().all(fits),
        Some(one) => !fits(one),
    };
    if wrong {
        fields.push(Issue::new("invalid_union", "Invalid input", &["ids"]));
    }
}

/// `PATCH /records/prune`: removes nothing (read in Nango's source).
pub(crate) async fn prune(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:records:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("model", MODEL);
    fields.optional("variant", NAME);
    // Nango answers 500 for a text that is not a position. Without records, none is out of place.
    fields.required("until_cursor", Text::between(1, 1000));
    number(&mut fields, "limit", 1, Some(10_000));
    finish_body(fields)?;
    require_connection(&app, &call)?;
    Ok(reply::json(200, &json!({ "count": 0, "has_more": false })))
}

/// Checks that the connection of the headers exists.
fn require_connection(app: &App, call: &Call) -> Result<(), ApiError> {
    let headers = header_values(&call.headers, &["connection-id", "provider-config-key"]);
    let mut headers = Fields::new(&headers, &[]);
    let id = headers.required("connection-id", CONNECTION_ID).unwrap_or_default();
    let integration = headers.required("provider-config-key", INTEGRATION_ID).unwrap_or_default();
    if !headers.issues.is_empty() {
        return Err(ApiError::invalid("invalid_headers", &headers.issues));
    }
    if app.has_connection(integration, id) {
        return Ok(());
    }
    let message = "Provided ConnectionId and ProviderConfigKey does not match a valid connection";
    Err(ApiError::new(400, "unknown_connection", message))
}

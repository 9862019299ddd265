//! Records that syncs fetch. There are none (wire reference 7).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, NAME, Text};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_body, finish_query, header_values, reply};

/// `GET /records`: returns no records for any model.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:records:read"])?;
    let mut fields = call.query_fields();
    fields.required("model", NAME);
    fields.optional("variant", NAME);
    datetime(&mut fields, "delta");
    datetime(&mut fields, "modified_after");
    number(&mut fields, "limit", 1, Some(10_000));
    filter(&mut fields);
    fields.optional("cursor", Text::between(1, 1000));
    ids(&mut fields);
    finish_query(fields)?;
    require_connection(&app, &call)?;
    Ok(reply::json(200, &json!({ "next_cursor": null, "records": [] })))
}

/// Checks ISO 8601 in UTC, the only zone that zod accepts here.
fn datetime(fields: &mut Fields<'_>, name: &'static str) {
    let text = fields.optional(name, Text::ANY);
    if text.is_some_and(|text| !text.ends_with('Z') || text.parse::<jiff::Timestamp>().is_err()) {
        fields.push(Issue::new("invalid_format", "Invalid ISO datetime", &[name]));
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
    fields.required("model", NAME);
    fields.optional("variant", NAME);
    fields.required("until_cursor", Text::between(1, 1000));
    fields.take("limit");
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

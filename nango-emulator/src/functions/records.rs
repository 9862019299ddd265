//! `GET /records`: what syncs have saved (data plane reference 4).

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, MODEL, NAME, Text, date_of_javascript};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_query, header_values, reply};
use crate::model::functions::{ChangeKind, Position, Record, RecordQuery, model_key};

/// Nango's default page.
const LIMIT: usize = 100;

/// `GET /records`: an unknown model is empty.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:records:read"])?;
    let mut fields = call.query_fields();
    let model = fields.required("model", MODEL).unwrap_or_default();
    let variant = fields.optional("variant", NAME).unwrap_or("base");
    let delta = changed_since(&app, &mut fields, "delta");
    let modified_after = changed_since(&app, &mut fields, "modified_after").or(delta);
    let (limit, is_fraction) = limit(&mut fields);
    let filter = filter(&mut fields);
    let cursor = fields.optional("cursor", Text::between(1, 1000));
    let ids = ids(&mut fields);
    finish_query(fields)?;
    let connection = require_connection(&app, &call)?;
    let failed = || ApiError::new(500, "server_error", "Failed to fetch records");
    let after = cursor.map(|cursor| Position::parse(cursor).ok_or_else(failed)).transpose()?;
    let query = RecordQuery { after, modified_after, filter, ids };
    let key = model_key(model, variant);
    let (records, next_cursor) = app.read(|state| {
        let (page, next) = state.records.list(connection, &key, &query, limit);
        (page.into_iter().map(Record::view).collect::<Vec<_>>(), next.filter(|_| !is_fraction))
    });
    Ok(reply::json(200, &json!({ "next_cursor": next_cursor, "records": records })))
}

/// Takes the limit. A fraction is rounded up, and then no page names a next one (observed).
fn limit(fields: &mut Fields<'_>) -> (usize, bool) {
    let text = fields.all().get("limit").and_then(Value::as_str).unwrap_or_default();
    let is_fraction = text.parse::<f64>().is_ok_and(|number| number.fract() > 0.0);
    let limit = number(fields, "limit", 1, Some(10_000)).unwrap_or(LIMIT);
    (limit + usize::from(is_fraction), is_fraction)
}

/// Takes a time of the last year in ISO 8601 in UTC, the only zone that zod accepts here. It is cut
/// to milliseconds (observed).
fn changed_since(app: &App, fields: &mut Fields<'_>, name: &'static str) -> Option<Timestamp> {
    const LOOKBACK: SignedDuration = SignedDuration::from_hours(365 * 24);
    let text = fields.optional(name, Text::ANY)?;
    if !text.ends_with('Z') || text.parse::<Timestamp>().is_err() {
        fields.push(Issue::new("invalid_format", "Invalid ISO datetime", &[name]));
    }
    // Nango reads the time once more as JavaScript does, which accepts further forms.
    let at = date_of_javascript(&text.into());
    if at.is_none_or(|at| app.clock.now().duration_since(at) > LOOKBACK) {
        fields.push(Issue::custom("must be within the last 12 months", &[name]));
    }
    Timestamp::from_millisecond(at?.as_millisecond()).ok()
}

/// Takes a list of change kinds, separated by commas.
fn filter(fields: &mut Fields<'_>) -> Vec<ChangeKind> {
    const KINDS: [&str; 6] = ["added", "updated", "deleted", "ADDED", "UPDATED", "DELETED"];
    let kinds = fields.optional("filter", Text::ANY).into_iter().flat_map(|text| text.split(','));
    let mut selected = Vec::new();
    for (at, kind) in kinds.enumerate() {
        match kind {
            "added" | "ADDED" => selected.push(ChangeKind::Added),
            "updated" | "UPDATED" => selected.push(ChangeKind::Updated),
            "deleted" | "DELETED" => selected.push(ChangeKind::Deleted),
            _ => fields.push(Issue::one_of(&KINDS, &["filter", &at.to_string()])),
        }
    }
    selected
}

/// Takes one id, or up to a hundred.
fn ids(fields: &mut Fields<'_>) -> Option<HashSet<String>> {
    let fits = |id: &&Value| id.as_str().is_some_and(|id| Text::between(1, 256).check(id, &[]).is_empty());
    let given = match fields.take("ids")? {
        Value::Array(ids) => ids.iter().collect(),
        one => vec![one],
    };
    if given.len() > 100 || !given.iter().all(fits) {
        fields.push(Issue::new("invalid_union", "Invalid input", &["ids"]));
    }
    Some(given.into_iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Returns the numeric id of the headers' connection.
pub(super) fn require_connection(app: &App, call: &Call) -> Result<u64, ApiError> {
    let headers = header_values(&call.headers, &["connection-id", "provider-config-key"]);
    let mut headers = Fields::new(&headers, &[]);
    let id = headers.required("connection-id", CONNECTION_ID).unwrap_or_default();
    let integration = headers.required("provider-config-key", INTEGRATION_ID).unwrap_or_default();
    if !headers.issues.is_empty() {
        return Err(ApiError::invalid("invalid_headers", &headers.issues));
    }
    let message = "Provided ConnectionId and ProviderConfigKey does not match a valid connection";
    let unknown = || ApiError::new(400, "unknown_connection", message);
    app.connection_number(integration, id).ok_or_else(unknown)
}

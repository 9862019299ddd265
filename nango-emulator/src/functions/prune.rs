//! `PATCH /records/prune` (data plane reference 5).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::records::require_connection;
use crate::app::App;
use crate::auth;
use crate::check::{MODEL, NAME, Text};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::functions::{Position, model_key};

/// Nango's default batch.
const LIMIT: usize = 1000;

/// Reduces records to their id, up to and including a position.
pub(crate) async fn prune(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:records:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let model = fields.required("model", MODEL).unwrap_or_default();
    let variant = fields.optional("variant", NAME).unwrap_or("base");
    let until = fields.required("until_cursor", Text::between(1, 1000)).unwrap_or_default();
    let limit = number(&mut fields, "limit", 1, Some(10_000)).unwrap_or(LIMIT);
    finish_body(fields)?;
    let connection = require_connection(&app, &call)?;
    let key = model_key(model, variant);
    if !app.read(|state| state.records.has_any(connection, &key)) {
        return Ok(reply::json(200, &json!({ "count": 0, "has_more": false })));
    }
    let failed = || ApiError::new(500, "server_error", "Failed to prune records");
    let until = Position::parse(until).ok_or_else(failed)?;
    let now = app.clock.now_micros();
    let (count, last) = app.write(|state| state.records.prune(connection, &key, until, limit, now));
    // Nango guesses: there may be more unless the last one was that of the cursor (observed).
    let has_more = count > 0 && last != Some(until);
    Ok(reply::json(200, &json!({ "count": count, "has_more": has_more })))
}

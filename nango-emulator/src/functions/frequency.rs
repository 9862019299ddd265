//! `PUT /sync/update-connection-frequency` (data plane reference 6).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::select::syncs_of;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID, Issue, NAME, wrong_type};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::functions::{FREQUENCY, Frequency, SyncKey, is_frequency};
use crate::runs;

/// Changes the frequency for one connection; `null` restores that of the deployment.
pub(crate) async fn update(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:update"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let name = fields.required("sync_name", NAME).unwrap_or_default();
    let variant = fields.optional("sync_variant", NAME).unwrap_or("base");
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let mut wanted = None;
    match fields.take("frequency") {
        Some(Value::String(text)) => {
            wanted = Some(text.as_str());
            if !is_frequency(text) {
                let message = format!("Invalid string: must match pattern /{FREQUENCY}/");
                fields.push(Issue::new("invalid_format", message, &["frequency"]));
            }
        }
        Some(Value::Null) => {}
        other => fields.push(wrong_type("string", other, &["frequency"])),
    }
    finish_body(fields)?;
    let Some(connection) = app.connection_number(integration, connection_id) else {
        return Err(ApiError::code(400, "unknown_connection"));
    };
    let key = SyncKey { connection, name: name.to_owned(), variant: variant.to_owned() };
    if !syncs_of(&app, integration, Some(connection_id)).contains(&key) {
        return Err(ApiError::code(400, "unknown_sync"));
    }
    let invalid = || ApiError::new(400, "invalid_body", "Sync interval is invalid");
    let parsed = wanted.map(|text| Frequency::parse(text).ok_or_else(invalid)).transpose()?;
    let now = app.clock.now();
    let answered = app.write(|state| {
        let sync = state.syncs.get_mut(&key)?;
        sync.frequency = parsed.map(|frequency| frequency.text);
        let period = state.syncs.get(&key).and_then(|sync| runs::period(state, sync))?;
        let sync = state.syncs.get_mut(&key)?;
        sync.schedule(period, now);
        let deployed = || state.functions.sync(integration, name)?.deployed.runs.clone();
        sync.frequency.clone().or_else(deployed)
    });
    app.schedule_changed.notify_one();
    Ok(reply::json(200, &json!({ "frequency": answered })))
}

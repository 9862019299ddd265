//! `GET /sync/status` (data plane reference 6).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::select::{SyncName, syncs_of};
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID, Text};
use crate::http::{ApiError, Call, finish_query, reply};
use crate::model::functions::{JobKind, Results, SyncKey, SyncState};
use crate::model::{Connection, State as Model};
use crate::time;

pub(crate) async fn status(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:read"])?;
    let mut fields = call.query_fields();
    let syncs = fields.required("syncs", Text::ANY).unwrap_or_default();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.optional("connection_id", CONNECTION_ID);
    finish_query(fields)?;
    if let Some(id) = connection_id
        && !app.has_connection(integration, id)
    {
        return Err(ApiError::new(400, "invalid_body", "Connection not found"));
    }
    let known = syncs_of(&app, integration, connection_id);
    let wanted: Vec<&SyncKey> = if syncs == "*" {
        known.iter().collect()
    } else {
        let names = syncs.split(',').map(SyncName::parse);
        names.flat_map(|name| known.iter().filter(move |key| name.is_of(key))).collect()
    };
    let entries: Vec<_> = wanted.into_iter().filter_map(|key| entry(&app, key)).collect();
    Ok(reply::json(200, &json!({ "syncs": entries })))
}

fn entry(app: &App, key: &SyncKey) -> Option<Value> {
    let running = app.running.results(key);
    app.read(|state| {
        let connection = state.connections.by_id(key.connection)?;
        let sync = state.syncs.get(key)?;
        view(state, connection, sync, running.as_ref())
    })
}

fn view(
    state: &Model,
    connection: &Connection,
    sync: &SyncState,
    running: Option<&Results>,
) -> Option<Value> {
    let function = state.functions.sync(&connection.integration, &sync.key.name)?;
    let latest = sync.latest.as_ref();
    let failed = latest.is_some_and(|job| !job.success);
    // A run wins over a pause, and a pause over a failure (observed).
    let status = match (running, sync.paused, failed) {
        (Some(_), ..) => "RUNNING",
        (None, true, _) => "PAUSED",
        (None, false, true) => "ERROR",
        (None, false, false) => "SUCCESS",
    };
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| view.insert(name.to_owned(), value);
    put("id", sync.id.as_str().into());
    put("connection_id", connection.connection_id.as_str().into());
    put("type", latest.map_or(JobKind::Initial, |job| job.kind).status_type().into());
    if let (None, Some(job)) = (running, latest) {
        put("finishedAt", time::utc(job.finished_at).into());
    }
    put("nextScheduledSyncAt", (!sync.paused).then(|| time::utc(sync.next_at)).into());
    put("name", sync.key.name.as_str().into());
    put("variant", sync.key.variant.as_str().into());
    put("status", status.into());
    put("frequency", json!(sync.frequency.as_ref().or(function.deployed.runs.as_ref())));
    if let Some(results) = running.or_else(|| latest.map(|job| &job.results)) {
        put("latestResult", results.view());
        let state = if running.is_some() {
            "RUNNING"
        } else if failed {
            "STOPPED"
        } else {
            "SUCCESS"
        };
        put("latestExecutionStatus", state.into());
    }
    // The counts are those of the base variant, whatever the variant (observed).
    let counts = function
        .deployed
        .models
        .iter()
        .map(|model| (model.clone(), json!(state.records.count(connection.id, model))));
    put("recordCount", Value::Object(counts.collect()));
    put("checkpoint", json!(sync.checkpoint));
    Some(view.into())
}

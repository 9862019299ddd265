//! Control endpoints for functions and records.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployments::{Table, deploy};
use crate::app::App;
use crate::code::RecordBatch;
use crate::error::EmulatorError;
use crate::http::{ApiError, Call, reply};
use crate::model::functions::{Counts, Deployment, FunctionError, FunctionKind, Record, RecordQuery, Step};
use crate::time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Functions {
    functions: Vec<Deployment>,
}

fn refused(error: &EmulatorError) -> ApiError {
    let missing = matches!(error, EmulatorError::NotFound { .. });
    let (status, code) = if missing { (404, "not_found") } else { (400, "invalid_body") };
    ApiError::new(status, code, error.to_string())
}

/// `POST /_emulator/functions`: deploys functions, in the form of the configuration file.
pub(super) async fn deploy_functions(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Functions = call.json()?;
    for function in wanted.functions {
        deploy(&app, function).map_err(|error| refused(&error))?;
    }
    Ok(reply::success())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    integration: String,
    name: String,
    #[serde(rename = "type")]
    kind: FunctionKind,
    #[serde(default)]
    records: BTreeMap<String, Vec<Map<String, Value>>>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    on_webhook: Vec<Step>,
    #[serde(default)]
    output: Value,
    #[serde(default)]
    error: Option<FunctionError>,
}

/// `POST /_emulator/functions/behaviour`: replaces what a deployed function does.
pub(super) async fn behave(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Behaviour = call.json()?;
    let done = app.write(|state| {
        let function = state.functions.get_mut(wanted.kind, &wanted.integration, &wanted.name)?;
        let deployed = &mut function.deployed;
        deployed.records = wanted.records;
        deployed.steps = wanted.steps;
        deployed.on_webhook = wanted.on_webhook;
        deployed.output = wanted.output;
        deployed.error = wanted.error;
        Some(())
    });
    let missing = || ApiError::new(404, "not_found", "No function of this type and name is deployed");
    done.map(|()| reply::success()).ok_or_else(missing)
}

fn base() -> String {
    "base".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    integration: String,
    connection_id: String,
    model: String,
    #[serde(default = "base")]
    variant: String,
    #[serde(default)]
    save: Vec<Value>,
    #[serde(default)]
    update: Vec<Value>,
    /// Ids to delete as a sync does.
    #[serde(default)]
    delete: Vec<String>,
    /// Ids to remove without a trace.
    #[serde(default)]
    remove: Vec<String>,
    /// Removes all records without a trace, first.
    #[serde(default)]
    clear: bool,
    /// Time of an earlier call's batch, for a save that commits late.
    at: Option<Timestamp>,
}

/// `POST /_emulator/records`: changes records without a run. Returns the time of the batch.
pub(super) async fn change_records(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Change = call.json()?;
    let table = Table::find(&app, &wanted.integration, &wanted.connection_id, &wanted.model, &wanted.variant)
        .map_err(|error| refused(&error))?;
    if wanted.clear {
        table.remove(&app, None);
    }
    table.remove(&app, Some(&wanted.remove));
    let mut batch = table.begin(&app);
    if let Some(at) = wanted.at {
        batch = batch.at(at);
    }
    let counts =
        apply(&batch, wanted).map_err(|error| ApiError::new(400, "invalid_body", error.to_string()))?;
    let mut answer = counts.view();
    answer["at"] = time::postgres_micros(batch.time()).into();
    Ok(reply::json(200, &answer))
}

fn apply(batch: &RecordBatch, wanted: Change) -> Result<Counts, FunctionError> {
    let mut counts = batch.save(wanted.save)?;
    counts += batch.update(wanted.update)?;
    counts += batch.delete(wanted.delete)?;
    Ok(counts)
}

/// `GET /_emulator/records`: all records of a model, as `GET /records` lists them.
pub(super) async fn records(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let text = |name: &str| call.query.get(name).and_then(Value::as_str).unwrap_or_default();
    let variant = if text("variant").is_empty() { "base" } else { text("variant") };
    let table = Table::find(&app, text("integration"), text("connection_id"), text("model"), variant)
        .map_err(|error| refused(&error))?;
    Ok(reply::json(200, &json!({ "records": list(&app, &table) })))
}

/// Returns all records of a model.
pub(crate) fn list(app: &App, table: &Table) -> Vec<Value> {
    app.read(|state| {
        let all = state.records.list(table.connection, &table.key, &RecordQuery::default(), usize::MAX);
        all.0.into_iter().map(Record::view).collect()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    hide_errors: u32,
}

/// `POST /_emulator/actions`: hides the errors of the next failing actions.
pub(super) async fn actions(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Actions = call.json()?;
    app.faults().hide_action_errors(wanted.hide_errors);
    Ok(reply::success())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn ten_seconds() -> u64 {
    10_000
}

/// `POST /_emulator/runs/wait`: waits until no sync and no asynchronous action runs.
pub(super) async fn wait_for_runs(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Wait = call.json()?;
    let idle = until_idle(&app, Duration::from_millis(wanted.timeout_ms)).await;
    Ok(reply::json(200, &json!({ "idle": idle })))
}

/// Waits until no run is in flight. Returns false if `timeout` passes first.
pub(crate) async fn until_idle(app: &App, timeout: Duration) -> bool {
    let idle = async {
        while !app.running.is_idle() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(timeout, idle).await.is_ok()
}

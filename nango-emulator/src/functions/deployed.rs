//! Deployed functions of an integration (data plane reference 8).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::app::App;
use crate::auth;
use crate::check::{NAME, Text};
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_query, reply};
use crate::model::functions::{Function, FunctionKind};

const TYPES: [&str; 3] = ["sync", "action", "on-event"];

/// `GET /integrations/{key}/functions`.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:list"])?;
    let mut fields = call.query_fields();
    let kind = fields.optional_choice("type", &TYPES).and_then(FunctionKind::of);
    let search = fields.optional("search", Text::between(1, 255)).unwrap_or_default().to_lowercase();
    let page = number(&mut fields, "page", 0, None).unwrap_or(0);
    let limit = number(&mut fields, "limit", 1, Some(100)).unwrap_or(20);
    finish_query(fields)?;
    require_integration(&app, &call)?;
    let entries: Vec<_> = app.read(|state| {
        let all = state.functions.of(call.param("key")).into_iter();
        let wanted = all.filter(|one| kind.is_none_or(|kind| one.deployed.kind == kind));
        let found = wanted.filter(|one| one.deployed.name.to_lowercase().contains(&search));
        found.map(Function::entry).collect()
    });
    let pagination = json!({ "total": entries.len(), "page": page, "limit": limit });
    let data: Vec<_> = entries.into_iter().skip(page.saturating_mul(limit)).take(limit).collect();
    Ok(reply::json(200, &json!({ "data": data, "pagination": pagination })))
}

/// `GET /integrations/{key}/functions/{name}`.
pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let function = find(&app, &call)?;
    Ok(reply::json(200, &json!({ "data": function.entry() })))
}

/// `GET /integrations/{key}/functions/{name}/code`: the TypeScript that was deployed.
pub(crate) async fn code(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let function = find(&app, &call)?;
    let Some(code) = &function.deployed.code else {
        return Err(ApiError::new(404, "not_found", "Function code does not exist"));
    };
    Ok(reply::json(200, &json!({ "type": function.deployed.kind.name(), "code": code })))
}

fn find(app: &App, call: &Call) -> Result<Function, ApiError> {
    auth::api_key(app, call, &["environment:functions:read"])?;
    let mut fields = call.query_fields();
    let kind = fields.optional_choice("type", &TYPES).and_then(FunctionKind::of);
    finish_query(fields)?;
    call.check_params(&["name"], NAME)?;
    require_integration(app, call)?;
    let found = app.read(|state| {
        let mut all = state.functions.of(call.param("key")).into_iter();
        let is_it = |one: &&Function| {
            one.deployed.name == call.param("name") && kind.is_none_or(|kind| one.deployed.kind == kind)
        };
        all.find(is_it).cloned()
    });
    found.ok_or_else(missing)
}

/// `DELETE /integrations/{key}/functions/{name}`: requires the type, since a sync and an action may
/// share a name. Functions that a deployment manages are removed by the next one only.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:functions:delete"])?;
    let mut fields = call.query_fields();
    let kind = fields.choice("type", &["sync", "action"]).and_then(FunctionKind::of);
    finish_query(fields)?;
    call.check_params(&["name"], NAME)?;
    require_integration(&app, &call)?;
    let (key, name) = (call.param("key"), call.param("name"));
    let known = app.read(|state| kind.is_some_and(|kind| state.functions.get(kind, key, name).is_some()));
    if known {
        let message = "The function is managed by a deployment; remove it there and deploy again";
        return Err(ApiError::new(400, "function_managed_by_deploy", message));
    }
    Err(missing())
}

fn require_integration(app: &App, call: &Call) -> Result<(), ApiError> {
    if app.read(|state| state.integration(call.param("key")).is_some()) {
        return Ok(());
    }
    Err(ApiError::new(404, "not_found", "Integration does not exist"))
}

fn missing() -> ApiError {
    ApiError::new(404, "not_found", "Function does not exist")
}

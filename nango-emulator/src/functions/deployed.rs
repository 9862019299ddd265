//! The functions deployed to an integration: none (read in Nango's source).

use axum::{extract::State, response::Response};
use serde_json::{Value, json};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_query},
        check::{Fields, Text},
        envelope::{Issue, Refusal},
        query::number,
        reply,
    },
};

/// `GET /integrations/{key}/functions`.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:functions:list"])?;
    let mut fields = call.query_fields();
    kind(&mut fields, &["sync", "action", "on-event"], false);
    fields.optional("search", Text::between(1, 255));
    let page = number(&mut fields, "page", 0, None).unwrap_or(0);
    let limit = number(&mut fields, "limit", 1, Some(100)).unwrap_or(20);
    fields.strict();
    refuse_query(&fields.issues)?;
    integration(&app, &call)?;
    let pagination = json!({ "total": 0, "page": page, "limit": limit });
    Ok(reply::json(200, &json!({ "data": [], "pagination": pagination })))
}

/// `GET /integrations/{key}/functions/{name}`.
pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    one(&app, &call)
}

/// `GET /integrations/{key}/functions/{name}/code`.
pub(crate) async fn code(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    one(&app, &call)
}

fn one(app: &App, call: &Call) -> Result<Response, Refusal> {
    auth::key(app, call, &["environment:functions:read"])?;
    let mut fields = call.query_fields();
    kind(&mut fields, &["sync", "action", "on-event"], false);
    fields.strict();
    refuse_query(&fields.issues)?;
    integration(app, call)?;
    Err(missing())
}

/// `DELETE /integrations/{key}/functions/{name}`: a sync and an action may share a name, so the
/// type has to be said.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:functions:delete"])?;
    let mut fields = call.query_fields();
    kind(&mut fields, &["sync", "action"], true);
    fields.strict();
    refuse_query(&fields.issues)?;
    integration(&app, &call)?;
    Err(missing())
}

fn kind(fields: &mut Fields<'_>, known: &[&str], required: bool) {
    let kind = fields.take("type");
    if kind.is_none() && !required {
        return;
    }
    if !kind.and_then(Value::as_str).is_some_and(|kind| known.contains(&kind)) {
        fields.push(Issue::one_of(known, &["type"]));
    }
}

fn integration(app: &App, call: &Call) -> Result<(), Refusal> {
    if app.read(|state| state.integration(call.param("key")).is_some()) {
        return Ok(());
    }
    Err(Refusal::new(404, "not_found", "Integration does not exist"))
}

fn missing() -> Refusal {
    Refusal::new(404, "not_found", "No such function is deployed")
}

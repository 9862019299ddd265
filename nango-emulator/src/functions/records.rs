//! Records that syncs would have fetched: none (wire reference 7).

use axum::{extract::State, response::Response};
use serde_json::json;

use super::connection_headers;
use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body, refuse_query},
        check::Text,
        envelope::Refusal,
        reply,
    },
};

/// `GET /records`: any model is empty.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:records:read"])?;
    let (integration, id) = connection_headers(&call.headers)?;
    let mut fields = call.query_fields();
    fields.required("model", Text::ANY);
    refuse_query(&fields.issues)?;
    known(&app, &integration, &id)?;
    Ok(reply::json(200, &json!({ "next_cursor": null, "records": [] })))
}

/// `PATCH /records/prune`: there is nothing to empty (read in Nango's source).
pub(crate) async fn prune(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:records:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("model", Text::ANY);
    fields.optional("variant", Text::between(1, 255));
    fields.required("until_cursor", Text::between(1, 1000));
    fields.take("limit");
    fields.strict();
    refuse_body(&fields.issues)?;
    let (integration, id) = connection_headers(&call.headers)?;
    known(&app, &integration, &id)?;
    Ok(reply::json(200, &json!({ "count": 0, "has_more": false })))
}

fn known(app: &App, integration: &str, id: &str) -> Result<(), Refusal> {
    if app.read(|state| state.connections.get(integration, id).is_some()) {
        return Ok(());
    }
    let message = "Provided ConnectionId and ProviderConfigKey does not match a valid connection";
    Err(Refusal::new(400, "unknown_connection", message))
}

//! The environment itself (wire reference 5).

use axum::{extract::State, response::Response};

use serde_json::json;

use crate::{
    app::App,
    http::{auth, call::Call, envelope::Refusal, reply},
};

/// `GET /environment-variables`: a bare array.
pub(crate) async fn variables(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:variables:read"])?;
    call.no_query()?;
    let variables = app.read(|state| state.variables.clone());
    Ok(reply::json(200, &variables))
}

/// `GET /environments`: for keys of an account. All keys here are of one environment, whatever their scopes say.
pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &[])?;
    Err(auth::lacks(&["account:environments:list"]))
}

/// `POST /environment/webhook-signing-key/rotate`: at once, without a time in which both keys are used.
pub(crate) async fn rotate_signing_key(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:webhook_signing_key:rotate"])?;
    let key = app.ids.uuid();
    app.keys.rotate(key.clone(), 0);
    Ok(reply::json(200, &json!({ "data": { "webhook_signing_key": key } })))
}

//! `GET /environment-variables` (wire reference 5): a bare array.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    http::{auth, call::Call, envelope::Refusal, reply},
};

pub(crate) async fn variables(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:variables:read"])?;
    call.no_query()?;
    let variables = app.read(|state| state.variables.clone());
    Ok(reply::json(200, &variables))
}

//! `POST /auth/unauthenticated/{integration}`.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::{check_request, finish, session, target};
use crate::{
    app::App,
    connections::{Credentials, upsert::Manner},
    http::{call::Call, envelope::Refusal, reply},
};

pub(crate) async fn none(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    call.no_body()?;
    check_request(&call)?;
    let target = target(&app, &call, session, "NONE")?;
    let made = finish(&app, target, Manner::Plain, Credentials::default()).await?;
    let view = json!({ "connectionId": made.connection_id, "providerConfigKey": made.integration });
    Ok(reply::json(200, &view))
}

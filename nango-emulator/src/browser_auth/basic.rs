//! `POST /api-auth/basic/{integration}`.

use axum::{extract::State, response::Response};

use super::target::{check_request, connected, finish, session, target};
use crate::{
    app::App,
    connections::upsert::StoreMode,
    http::{ApiError, Call, finish_body},
    model::Credentials,
};

pub(crate) async fn basic(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = session(&app, &call)?;
    let mut fields = call.fields()?;
    let credentials = Credentials::take_basic(&mut fields);
    finish_body(fields)?;
    check_request(&call)?;
    let target = target(&app, &call, session, "BASIC")?;
    let connection = finish(&app, target, StoreMode::Plain, credentials).await?;
    Ok(connected(&connection))
}

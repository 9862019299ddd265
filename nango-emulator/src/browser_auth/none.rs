//! `POST /auth/unauthenticated/{integration}`.

use axum::{extract::State, response::Response};

use super::target::{check_request, connected, finish, session, target};
use crate::{
    app::App,
    connections::upsert::StoreMode,
    http::{ApiError, Call},
    model::Credentials,
};

pub(crate) async fn none(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = session(&app, &call)?;
    call.no_body()?;
    check_request(&call)?;
    let target = target(&app, &call, session, "NONE")?;
    let connection = finish(&app, target, StoreMode::Plain, Credentials::default()).await?;
    Ok(connected(&connection))
}

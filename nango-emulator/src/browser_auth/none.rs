//! `POST /auth/unauthenticated/{integration}`.

use axum::{extract::State, response::Response};

use super::{answer, check_request, finish, session, target};
use crate::{
    app::App,
    connections::{Credentials, upsert::Manner},
    http::{call::Call, envelope::Refusal},
};

pub(crate) async fn none(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    call.no_body()?;
    check_request(&call)?;
    let target = target(&app, &call, session, "NONE")?;
    let made = finish(&app, target, Manner::Plain, Credentials::default()).await?;
    Ok(answer(&made))
}

//! `POST /api-auth/basic/{integration}`.

use axum::{extract::State, response::Response};

use super::{answer, check_request, finish, session, target};
use crate::{
    app::App,
    connections::{Credentials, upsert::Manner},
    http::{
        call::{Call, refuse_body},
        envelope::Refusal,
    },
};

pub(crate) async fn basic(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    let mut fields = call.fields()?;
    let credentials = Credentials::take_basic(&mut fields);
    fields.strict();
    refuse_body(&fields.issues)?;
    check_request(&call)?;
    let target = target(&app, &call, session, "BASIC")?;
    let made = finish(&app, target, Manner::Plain, credentials).await?;
    Ok(answer(&made))
}

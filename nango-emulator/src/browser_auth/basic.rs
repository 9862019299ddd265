//! `POST /api-auth/basic/{integration}`.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::{answer, check_request, finish, session, target};
use crate::{
    app::App,
    connections::{Credentials, upsert::Manner},
    http::{
        call::{Call, refuse_body},
        check::Text,
        envelope::Refusal,
    },
};

pub(crate) async fn basic(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    let mut fields = call.fields()?;
    // Both may be empty, neither may be missing.
    let username = fields.required("username", Text::between(0, 1024));
    let password = fields.required("password", Text::between(0, 1024));
    fields.strict();
    refuse_body(&fields.issues)?;
    check_request(&call)?;
    let target = target(&app, &call, session, "BASIC")?;
    let credentials =
        Credentials::new(json!({ "type": "BASIC", "username": username, "password": password }));
    let made = finish(&app, target, Manner::Plain, credentials).await?;
    Ok(answer(&made))
}

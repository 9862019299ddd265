//! `POST /api-auth/api-key/{integration}`.

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

pub(crate) async fn api_key(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    let mut fields = call.fields()?;
    let key = fields.required("apiKey", Text::between(1, 1024));
    fields.strict();
    refuse_body(&fields.issues)?;
    check_request(&call)?;
    let target = target(&app, &call, session, "API_KEY")?;
    let credentials = Credentials::new(json!({ "type": "API_KEY", "apiKey": key }));
    let made = finish(&app, target, Manner::Plain, credentials).await?;
    Ok(answer(&made))
}

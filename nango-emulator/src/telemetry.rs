//! `POST /connect/telemetry` (wire reference 9.4): checked, answered, and thrown away.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body},
        check::{Fields, INTEGRATION_ID, Text},
        envelope::Refusal,
        reply,
    },
};

const EVENTS: [&str; 15] = [
    "open",
    "view:list",
    "view:integration",
    "view:unknown_error",
    "view:credentials_error",
    "view:success",
    "click:integration",
    "click:doc",
    "click:doc_section",
    "click:connect",
    "click:close",
    "click:finish",
    "click:outside",
    "popup:blocked_by_browser",
    "popup:closed_early",
];

pub(crate) async fn telemetry(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::beacon(&app, &call)?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("token", Text::ANY);
    fields.choice("event", &EVENTS);
    fields.date("timestamp");
    if let Some(dimensions) = fields.take("dimensions") {
        match Fields::of(Some(dimensions), &["dimensions"]) {
            Ok(mut inner) => {
                inner.optional("integration", INTEGRATION_ID);
                fields.issues.append(&mut inner.issues);
            }
            Err(issue) => fields.issues.push(issue),
        }
    }
    fields.strict();
    refuse_body(&fields.issues)?;
    Ok(reply::empty())
}

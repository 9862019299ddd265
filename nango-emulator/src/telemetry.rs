//! `POST /connect/telemetry` (wire reference 9.4): validated and discarded.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    auth,
    check::{INTEGRATION_ID, Text},
    http::{ApiError, Call, finish_body, reply},
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

pub(crate) async fn telemetry(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::session_from_body(&app, &call)?;
    call.no_query()?;
    let mut fields = call.fields()?;
    fields.required("token", Text::ANY);
    fields.choice("event", &EVENTS);
    fields.date("timestamp");
    if let Some(dimensions) = fields.take("dimensions") {
        fields.nested(Some(dimensions), &["dimensions"], |inner| {
            inner.optional("integration", INTEGRATION_ID);
        });
    }
    finish_body(fields)?;
    Ok(reply::empty())
}

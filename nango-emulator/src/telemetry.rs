//! `POST /connect/telemetry` (wire reference 9.4): checked, answered, and thrown away.

use axum::{extract::State, response::Response};
use serde_json::Value;

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body},
        check::Text,
        envelope::{Issue, Refusal},
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
    let mut fields = call.fields()?;
    auth::token(&app, &call, fields.required("token", Text::ANY).unwrap_or_default())?;
    let event = fields.take("event");
    if !event.and_then(Value::as_str).is_some_and(|event| EVENTS.contains(&event)) {
        fields.push(Issue::one_of(&EVENTS, &["event"]));
    }
    fields.take("timestamp");
    fields.take("dimensions");
    refuse_body(&fields.issues)?;
    Ok(reply::empty())
}

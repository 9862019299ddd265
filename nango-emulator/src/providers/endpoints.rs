//! `GET /providers`, `GET /providers/{provider}` and its function templates (wire reference 5).

use axum::{extract::State, response::Response};
use serde_json::json;

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_query},
        check::{INTEGRATION_ID, NAME, text_param},
        envelope::Refusal,
        reply,
    },
};

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::either(&app, &call, &[])?;
    let mut fields = call.query_fields();
    let search = fields.optional("search", INTEGRATION_ID);
    fields.strict();
    refuse_query(&fields.issues)?;
    let wanted = search.map(|text| {
        // Nango takes a regular expression; what does not compile is looked for as it is.
        regex_lite::Regex::new(&format!("(?i){text}"))
            .or_else(|_| regex_lite::Regex::new(&format!("(?i){}", regex_lite::escape(text))))
    });
    let data: Vec<_> = app
        .providers
        .iter()
        .filter(|provider| match &wanted {
            Some(Ok(wanted)) => wanted.is_match(&provider.name),
            Some(Err(_)) => false,
            None => true,
        })
        .map(|provider| provider.view(&app.public_url))
        .collect();
    Ok(reply::json(200, &json!({ "data": data })))
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::either(&app, &call, &[])?;
    call.no_query()?;
    let name = text_param(call.param("provider"), "provider", NAME)?;
    let Some(provider) = app.providers.get(name) else {
        return Err(Refusal::new(404, "not_found", format!("Unknown provider {name}")));
    };
    Ok(reply::json(200, &json!({ "data": provider.view(&app.public_url) })))
}

/// Templates for functions: none, and a provider that nobody knows has none, too (read in Nango's
/// source).
pub(crate) async fn templates(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &[])?;
    call.no_query()?;
    Ok(reply::json(200, &json!({ "data": [] })))
}

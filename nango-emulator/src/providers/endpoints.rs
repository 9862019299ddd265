//! `GET /providers`, `GET /providers/{provider}` and its function templates (wire reference 5).

use axum::{extract::State, response::Response};
use serde_json::json;

use crate::{
    app::App,
    auth,
    check::{INTEGRATION_ID, NAME},
    http::{ApiError, Call, finish_query, reply},
};

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::key_or_session(&app, &call, &[])?;
    let mut fields = call.query_fields();
    let search = fields.optional("search", INTEGRATION_ID);
    finish_query(fields)?;
    let wanted = search.map(|text| {
        // Nango takes a regular expression. An invalid one is searched as plain text.
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

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::key_or_session(&app, &call, &[])?;
    call.no_query()?;
    let name = call.checked_param("provider", "provider", NAME)?;
    let Some(provider) = app.providers.get(name) else {
        return Err(ApiError::new(404, "not_found", format!("Unknown provider {name}")));
    };
    Ok(reply::json(200, &json!({ "data": provider.view(&app.public_url) })))
}

/// Returns function templates. No provider has any, not even an unknown one (read in Nango's
/// source).
pub(crate) async fn templates(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &[])?;
    call.no_query()?;
    Ok(reply::json(200, &json!({ "data": [] })))
}

//! `GET /providers`, `GET /providers/{provider}` and its function templates (wire reference 5), and
//! generated logos: a provider's initial on a color derived from its name. Real logos are trademarks.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use crate::app::App;
use crate::auth;
use crate::check::{INTEGRATION_ID, NAME};
use crate::http::{ApiError, Call, finish_query, reply};

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

/// `GET /images/template-logos/{file}`.
pub(crate) async fn logo(Path(file): Path<String>) -> Response {
    let name = file.trim_end_matches(".svg");
    let hue = name.bytes().fold(7_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into())) % 360;
    let initial = name.chars().find(char::is_ascii_alphanumeric).unwrap_or('n').to_ascii_uppercase();
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="hsl({hue} 54% 36%)"/><text x="32" y="43" font-family="system-ui,sans-serif" font-size="32" font-weight="600" text-anchor="middle" fill="#fff">{initial}</text></svg>"##
    );
    reply::typed(200, "image/svg+xml", svg)
}

//! `PATCH /connections/{id}` (wire reference 4.5). Keeps `updated_at` and sends no webhook.

use axum::{extract::State, response::Response};

use super::get::{connection_id, unknown_integration};
use crate::{
    app::App,
    auth,
    check::INTEGRATION_ID,
    http::{ApiError, Call, finish_body, finish_query, reply},
    model::{EndUser, Tags, combine, tags},
    outbound::take_webhook_url,
};

pub(crate) async fn patch(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connections:update"])?;
    let mut query = call.query_fields();
    let integration = query.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    finish_query(query)?;
    let mut fields = call.fields()?;
    let end_user = EndUser::take_without_organization(&mut fields, false);
    let tags = tags::take(&mut fields, tags::Values::NonEmpty);
    let webhook_url = take_webhook_url(&mut fields);
    finish_body(fields)?;
    let connection_id = connection_id(&call)?;
    if app.read(|state| state.integration(integration).is_none()) {
        return Err(unknown_integration());
    }
    // `tags` replaces all tags; `end_user` alone replaces them with the generated ones.
    let failed = || ApiError::new(500, "server_error", "Failed to update connection");
    let replaced = match (&tags, &end_user) {
        (None, None) => None,
        (given, user) => {
            let none = Tags::new();
            let given = given.as_ref().unwrap_or(&none);
            Some(combine(user.as_ref(), given).ok_or_else(failed)?)
        }
    };
    let done = app.write(|state| {
        state.connections.update(integration, connection_id, |connection| {
            if let Some(tags) = replaced {
                connection.tags = tags;
            }
            if let Some(user) = end_user {
                connection.end_user = Some(Box::new(user));
            }
            if let Some(url) = webhook_url {
                connection.webhook_url_override = Some(url).filter(|url| !url.is_empty());
            }
        })
    });
    match done {
        Some(()) => Ok(reply::success()),
        None => Err(ApiError::new(404, "not_found", "Failed to find connection")),
    }
}

//! `PATCH /connections/{id}` (wire reference 4.5). Does not touch `updated_at`, sends no webhook.

use axum::{extract::State, response::Response};
use serde_json::json;

use super::get::{connection_id, unknown_integration};
use crate::{
    app::App,
    end_users::EndUser,
    http::{
        auth,
        call::{Call, refuse_body, refuse_query},
        check::INTEGRATION_ID,
        envelope::Refusal,
        reply,
    },
    sessions::{take_tags, take_webhook_url},
    tags::{self, Tags},
};

pub(crate) async fn patch(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:connections:update"])?;
    let mut query = call.query_fields();
    let integration = query.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    query.strict();
    refuse_query(&query.issues)?;
    let mut fields = call.fields()?;
    let end_user = EndUser::take_alone(&mut fields, false);
    let tags = take_tags(&mut fields);
    let webhook_url = take_webhook_url(&mut fields);
    fields.strict();
    refuse_body(&fields.issues)?;
    let connection_id = connection_id(&call)?;
    if app.read(|state| state.integration(integration).is_none()) {
        return Err(unknown_integration());
    }
    // `tags` replaces all; `end_user` alone replaces them by the generated ones.
    let failed = || Refusal::new(500, "server_error", "Failed to update connection");
    let replaced = match (&tags, &end_user) {
        (None, None) => None,
        (given, user) => {
            let none = Tags::new();
            let given = given.as_ref().unwrap_or(&none);
            let all = tags::combine(user.as_ref(), given).map_err(|_| failed())?;
            if !tags::storable(&all) {
                return Err(failed());
            }
            Some(all)
        }
    };
    let done = app.write(|state| {
        state.connections.change(integration, connection_id, |connection| {
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
        Some(()) => Ok(reply::json(200, &json!({ "success": true }))),
        None => Err(Refusal::new(404, "not_found", "Failed to find connection")),
    }
}

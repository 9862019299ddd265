//! `GET`, `PATCH` and `DELETE /connections/{id}` (wire reference 4.2, 4.5, 4.6). `GET` has side
//! effects: it refreshes the token and counts as a fetch. `PATCH` keeps `updated_at`. None sends a
//! webhook.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::refresh;
use super::refresh::RefreshError;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID};
use crate::http::query::boolean;
use crate::http::{ApiError, Call, finish_body, finish_query, reply};
use crate::model::{EndUser, Tags, TagsError, combine, tags};
use crate::outbound::take_webhook_url;
use crate::runs;

/// Returns the connection id of the path.
pub(super) fn connection_id(call: &Call) -> Result<&str, ApiError> {
    call.checked_param("connectionId", "connectionId", CONNECTION_ID)
}

/// Returns the error for an unknown integration in `GET` and `PATCH /connections/{id}`. Nango
/// answers 400 there, but 404 in the proxy. The misspelled message is Nango's.
pub(super) fn unknown_integration() -> ApiError {
    ApiError::new(400, "unknown_provider_config", "Provider does not exists")
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    const CREDENTIALS: &str = "environment:connections:read_credentials";
    let held = auth::api_key(&app, &call, &["environment:connections:read", CREDENTIALS])?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let force = boolean(&mut fields, "force_refresh");
    let with_refresh_token = boolean(&mut fields, "refresh_token");
    let jwt = boolean(&mut fields, "refresh_github_app_jwt_token");
    finish_query(fields)?;
    let connection_id = connection_id(&call)?;
    let may_read = held.include(CREDENTIALS);
    if !may_read && (force || with_refresh_token || jwt) {
        let message = format!("Credential and refresh options require the {CREDENTIALS} scope");
        return Err(ApiError::new(403, "forbidden", message));
    }
    let found = app.read(|state| {
        state.integration(integration).ok_or_else(unknown_integration)?;
        let found = state.connections.get(integration, connection_id).cloned();
        found.ok_or_else(|| ApiError::new(404, "not_found", "Failed to find connection"))
    })?;
    if may_read {
        app.refuse_foreign(&call.headers)?;
    } else {
        return Ok(reply::json(200, &found.got(false, false)));
    }
    if let Err(error) = refresh::ensure_fresh(&app, integration, connection_id, force).await {
        return Err(refused(&app, integration, connection_id, &error));
    }
    let now = app.clock.now();
    let view = app.write_unsynced(|state| {
        state.connections.update(integration, connection_id, |connection| {
            connection.last_fetched_at = Some(now);
            connection.got(true, with_refresh_token)
        })
    });
    let gone = || ApiError::new(404, "not_found", "Failed to find connection");
    view.map(|view| reply::json(200, &view)).ok_or_else(gone)
}

/// Returns `invalid_credentials`, with 400 after an attempt in this request and 424 otherwise.
fn refused(app: &App, integration: &str, connection_id: &str, error: &RefreshError) -> ApiError {
    let status = if matches!(error, RefreshError::Failed { .. }) { 400 } else { 424 };
    let connection = app.read(|state| {
        let connection = state.connections.get(integration, connection_id)?;
        Some(connection.got(false, false))
    });
    ApiError::new(status, "invalid_credentials", error.message())
        .with("payload", json!({ "connection": connection }))
}

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
    let missing = || ApiError::new(404, "not_found", "Failed to find connection");
    if !app.has_connection(integration, connection_id) {
        return Err(missing());
    }
    // `tags` replaces all tags; `end_user` alone replaces them with the generated ones.
    let replaced = match (&tags, &end_user) {
        (None, None) => None,
        (given, user) => {
            let none = Tags::new();
            let tags = combine(user.as_ref(), given.as_ref().unwrap_or(&none));
            Some(tags.map_err(|error| unstorable(&app, error))?)
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
    done.map(|()| reply::success()).ok_or_else(missing)
}

/// Returns the error for tags that cannot be stored. Nango does not handle that of its database.
fn unstorable(app: &App, error: TagsError) -> ApiError {
    match error {
        TagsError::TooMany => ApiError::new(400, "invalid_body", "Tags cannot contain more than 10 keys"),
        TagsError::Nul => ApiError::support(&app.ids.uuid()),
    }
}

pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connections:delete"])?;
    let connection_id = connection_id(&call)?;
    let mut fields = call.query_fields();
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    finish_query(fields)?;
    let removed = app.write(|state| state.connections.remove(integration, connection_id));
    match removed {
        Some(removed) => {
            runs::connection_removed(&app, removed.id);
            Ok(reply::success())
        }
        // Nango answers 400, not 404, for a missing integration too.
        None => Err(ApiError::code(400, "unknown_connection")),
    }
}

//! Checks and steps that the credential endpoints share.

use std::borrow::Cow;

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID, Issue};
use crate::connections::upsert::{Incoming, StoreMode, upsert};
use crate::http::{ApiError, Call, refuse_query, reply};
use crate::model::{Connection, Credentials, Integration, Provider, Session};
use crate::upstream::verification;
use crate::webhooks::payload;

/// Session, integration and provider of a flow whose request passed all checks.
pub(super) struct Target<'a> {
    pub(crate) session: Session,
    pub(crate) integration: Integration,
    pub(crate) provider: Cow<'a, Provider>,
    pub(crate) connection_id: String,
    pub(crate) config: Map<String, Value>,
}

/// Checks query and path. The OAuth endpoints are older and check less.
pub(super) fn check_request(call: &Call) -> Result<(), ApiError> {
    let mut query = call.query_fields();
    query.optional("connection_id", CONNECTION_ID);
    query.record("params");
    refuse_query(&query.issues)?;
    call.checked_param("integration", "providerConfigKey", INTEGRATION_ID)?;
    refuse_connection_id(call)
}

/// Refuses a `connection_id` in the query: browsers cannot choose it.
pub(crate) fn refuse_connection_id(call: &Call) -> Result<(), ApiError> {
    if call.query.contains_key("connection_id") {
        let message = "connection_id is forbidden when using session token";
        return refuse_query(&[Issue::custom(message, &["connection_id"])]);
    }
    Ok(())
}

/// Returns the connection's config: the query's `params`, with the session's defaults laid over
/// them key by key. Drops `webhook_url` and parameters that are not strings.
pub(crate) fn connection_config(session: &Session, integration: &str, call: &Call) -> Map<String, Value> {
    let params = call.query.get("params").and_then(Value::as_object);
    let texts = params.into_iter().flatten().filter(|(_, value)| value.is_string());
    let mut config: Map<_, _> = texts.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(defaults) = session.default_object(integration, "connection_config") {
        config.extend(defaults.clone());
    }
    config.shift_remove("webhook_url");
    config
}

/// Returns the id of the connection that this session creates or renews. Fails with
/// `invalid_connection` if the connection was deleted after the session was created.
pub(crate) fn connection_id(app: &App, session: &Session) -> Result<String, ApiError> {
    let Some(pinned) = &session.reconnects else { return Ok(app.ids.uuid()) };
    let alive = app.read(|state| state.connections.by_id(pinned.id).is_some());
    if alive { Ok(pinned.connection_id.clone()) } else { Err(ApiError::code(400, "invalid_connection")) }
}

/// Applies the checks that follow those of the request itself, in Nango's order.
pub(super) fn target<'a>(
    app: &'a App,
    call: &Call,
    session: Session,
    mode: &str,
) -> Result<Target<'a>, ApiError> {
    let id = call.param("integration");
    let integration = app.read(|state| state.integration(id).cloned());
    let integration = integration.ok_or_else(|| ApiError::code(404, "unknown_provider_config"))?;
    let provider = app.provider_of(&integration);
    let provider = provider.ok_or_else(|| ApiError::code(404, "unknown_provider_template"))?;
    if provider.auth_mode() != mode {
        return Err(ApiError::code(400, "invalid_auth_mode"));
    }
    if !session.allows(id) {
        return Err(ApiError::code(400, "integration_not_allowed"));
    }
    let config = connection_config(&session, id, call);
    let connection_id = connection_id(app, &session)?;
    Ok(Target { session, integration, provider, connection_id, config })
}

pub(super) fn session(app: &App, call: &Call) -> Result<Session, ApiError> {
    auth::session_from_query(app, call)
}

/// Returns the success reply. The client-credentials endpoint uses another key order.
pub(super) fn connected(connection: &Connection) -> Response {
    let view =
        json!({ "connectionId": connection.connection_id, "providerConfigKey": connection.integration });
    reply::json(200, &view)
}

/// Verifies the credentials, stores the connection and sends the webhook.
pub(super) async fn finish(
    app: &App,
    target: Target<'_>,
    store_mode: StoreMode,
    credentials: Credentials,
) -> Result<Connection, ApiError> {
    verification::require(app, &target.provider, &credentials, &target.config).await?;
    Ok(store_connection(app, target, store_mode, credentials))
}

/// Stores the connection and sends the webhook.
pub(super) fn store_connection(
    app: &App,
    target: Target<'_>,
    store_mode: StoreMode,
    credentials: Credentials,
) -> Connection {
    let session = target.session;
    let incoming = Incoming {
        store_mode,
        integration: &target.integration.unique_key,
        provider: &target.provider,
        connection_id: &target.connection_id,
        credentials,
        connection_config: target.config,
        metadata: None,
        tags: session.tags,
        end_user: session.end_user.clone(),
        webhook_url_override: session.webhook_url_override,
    };
    let (operation, connection) = upsert(app, incoming);
    payload::send_success(app, &connection, operation, session.end_user.as_ref());
    connection
}

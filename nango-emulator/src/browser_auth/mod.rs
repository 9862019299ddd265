//! The endpoints a browser posts credentials to (wire reference 3; observed on Nango 0.71.4).

mod api_key;
mod basic;
mod client_credentials;
mod none;

use std::borrow::Cow;

use axum::response::Response;
use serde_json::{Map, Value, json};

pub(crate) use api_key::api_key;
pub(crate) use basic::basic;
pub(crate) use client_credentials::client_credentials;
pub(crate) use none::none;

use crate::{
    app::App,
    connections::{
        Connection, Credentials,
        upsert::{Incoming, Manner, upsert},
    },
    http::{
        auth,
        call::{Call, refuse_query},
        check::{CONNECTION_ID, INTEGRATION_ID, text_param},
        envelope::{Issue, Refusal},
        reply,
    },
    integrations::Integration,
    providers::Provider,
    sessions::Session,
    verification,
    webhooks::payload,
};

/// What every flow knows once its session and integration are settled.
pub(crate) struct Target<'a> {
    pub(crate) session: Session,
    pub(crate) integration: Integration,
    pub(crate) provider: Cow<'a, Provider>,
    pub(crate) connection_id: String,
    pub(crate) config: Map<String, Value>,
}

/// The query and the address of the endpoints that Nango has rewritten; the OAuth ones are older and
/// look at less.
fn check_request(call: &Call) -> Result<(), Refusal> {
    let mut query = call.query_fields();
    query.optional("connection_id", CONNECTION_ID);
    query.record("params");
    refuse_query(&query.issues)?;
    text_param(call.param("integration"), "providerConfigKey", INTEGRATION_ID)?;
    refuse_connection_id(call)
}

/// `connection_id` cannot be chosen by a browser.
pub(crate) fn refuse_connection_id(call: &Call) -> Result<(), Refusal> {
    if call.query.contains_key("connection_id") {
        let message = "connection_id is forbidden when using session token";
        return refuse_query(&[Issue::custom(message, &["connection_id"])]);
    }
    Ok(())
}

/// Session defaults win over the query's `params` key by key; `webhook_url` is dropped, and so is a parameter that is
/// no text.
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

/// The connection this session makes or renews. `invalid_connection` when it went meanwhile.
pub(crate) fn connection_id(app: &App, session: &Session) -> Result<String, Refusal> {
    let Some(pinned) = &session.reconnects else { return Ok(app.ids.uuid()) };
    let alive = app.read(|state| state.connections.by_id(pinned.id).is_some());
    if alive { Ok(pinned.connection_id.clone()) } else { Err(Refusal::code(400, "invalid_connection")) }
}

/// The checks that all credential endpoints make after those of the request, in Nango's order.
fn target<'a>(app: &'a App, call: &Call, session: Session, mode: &str) -> Result<Target<'a>, Refusal> {
    let id = call.param("integration");
    let integration = app.read(|state| state.integration(id).cloned());
    let integration = integration.ok_or_else(|| Refusal::code(404, "unknown_provider_config"))?;
    let provider = app.provider_of(&integration);
    let provider = provider.ok_or_else(|| Refusal::code(404, "unknown_provider_template"))?;
    if provider.auth_mode() != mode {
        return Err(Refusal::code(400, "invalid_auth_mode"));
    }
    if !session.allows(id) {
        return Err(Refusal::code(400, "integration_not_allowed"));
    }
    let config = connection_config(&session, id, call);
    let connection_id = connection_id(app, &session)?;
    Ok(Target { session, integration, provider, connection_id, config })
}

fn session(app: &App, call: &Call) -> Result<Session, Refusal> {
    auth::browser(app, call)
}

/// Success. The client-credentials endpoint names the two in the other order.
fn answer(made: &Connection) -> Response {
    let view = json!({ "connectionId": made.connection_id, "providerConfigKey": made.integration });
    reply::json(200, &view)
}

/// Tests the credentials, stores the connection, tells the customer.
async fn finish(
    app: &App,
    target: Target<'_>,
    manner: Manner,
    credentials: Credentials,
) -> Result<Connection, Refusal> {
    let verified = verification::passes(app, &target.provider, &credentials, &target.config);
    if !verified.await {
        let message = payload::error_text("connection_test_failed");
        return Err(Refusal::new(400, "connection_test_failed", message));
    }
    let session = target.session;
    let incoming = Incoming {
        manner,
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
    Ok(connection)
}

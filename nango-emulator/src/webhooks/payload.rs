//! The auth webhook: when it is sent and what is in it (wire reference 8.3).

use serde_json::{Value, json};

use super::deliver::{self, Outgoing};
use crate::{
    app::App,
    connections::{Connection, upsert::Operation},
    end_users::EndUser,
    oauth2::flow::Flow,
};

/// Nango's text for an error type.
pub(crate) fn error_text(code: &str) -> &'static str {
    match code {
        "connection_test_failed" => {
            "The given credentials were found to be invalid. Please check the credentials and try \
             again."
        }
        _ => {
            "The external API returned an error when trying to refresh the access token. Please \
             try again later."
        }
    }
}

/// A connection was made, made again or imported. `end_user` is the one of the session used for
/// this very flow.
pub(crate) fn send_success(
    app: &App,
    connection: &Connection,
    operation: Operation,
    end_user: Option<&EndUser>,
) {
    // `creation` can be switched off, `override` cannot.
    if operation == Operation::Creation && !app.settings().on_auth_creation {
        return;
    }
    let mut body = body(app, connection, operation.name(), true);
    body["tags"] = json!(connection.tags);
    if let Some(user) = end_user {
        body["endUser"] = user.webhook();
    }
    send(app, connection.webhook_url_override.clone(), operation.name(), &body);
}

/// A refresh or the periodic test of a key failed.
pub(crate) fn send_refresh_failure(app: &App, connection: &Connection, code: &str) {
    if !app.settings().on_auth_refresh_error {
        return;
    }
    let mut body = body(app, connection, "refresh", false);
    body["tags"] = json!(connection.tags);
    body["error"] = json!({ "type": code, "description": error_text(code) });
    send(app, connection.webhook_url_override.clone(), "refresh", &body);
}

/// An OAuth flow failed after the popup came back. A failed reconnect, too, says `creation`, with
/// the id of a connection that is alive and well, and without tags.
pub(crate) fn send_flow_failure(app: &App, flow: &Flow, code: &str, description: &str) {
    if !app.settings().on_auth_creation {
        return;
    }
    let provider = app
        .read(|state| state.integration(&flow.integration).map(|integration| integration.provider.clone()));
    let provider = provider.unwrap_or_default();
    let mode = app.providers.get(&provider).map_or("OAUTH2", |p| p.auth_mode());
    let body = json!({
        "authMode": mode,
        "connectionId": flow.connection_id,
        "environment": app.environment.name,
        "error": { "type": code, "description": description },
        "from": "nango",
        "operation": "creation",
        "provider": provider,
        "providerConfigKey": flow.integration,
        "success": false,
        "type": "auth",
    });
    send(app, flow.session.webhook_url_override.clone(), "creation", &body);
}

fn body(app: &App, connection: &Connection, operation: &str, success: bool) -> Value {
    let mode = app.providers.get(&connection.provider).map_or("NONE", |p| p.auth_mode());
    json!({
        "authMode": mode,
        "connectionId": connection.connection_id,
        "environment": app.environment.name,
        "from": "nango",
        "operation": operation,
        "provider": connection.provider,
        "providerConfigKey": connection.integration,
        "success": success,
        "type": "auth",
    })
}

fn send(app: &App, url_override: Option<String>, operation: &'static str, body: &Value) {
    let outgoing = Outgoing { kind: "auth", operation: Some(operation), url_override, headers: Vec::new() };
    deliver::send(app, outgoing, body);
}

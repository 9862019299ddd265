//! Auth webhooks: their conditions and content (wire reference 8.3).

use serde_json::{Value, json};

use super::deliver;
use super::deliver::Outgoing;
use crate::app::App;
use crate::model::{Connection, EndUser, Flow, failure};

/// Operation of an auth webhook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operation {
    Creation,
    Override,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Override => "override",
        }
    }
}

/// Sends the webhook of a created, re-created or imported connection. `end_user` is that of the
/// flow's own session.
pub(crate) fn send_success(
    app: &App,
    connection: &Connection,
    operation: Operation,
    end_user: Option<&EndUser>,
) {
    // The setting turns off `creation`, not `override`.
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

/// Sends the webhook of a failed refresh or key test.
pub(crate) fn send_refresh_failure(app: &App, connection: &Connection, code: &str) {
    if !app.settings().on_auth_refresh_error {
        return;
    }
    let mut body = body(app, connection, "refresh", false);
    body["tags"] = json!(connection.tags);
    body["error"] = json!({ "type": code, "description": failure::text(code) });
    send(app, connection.webhook_url_override.clone(), "refresh", &body);
}

/// Sends the webhook of a flow that failed at the callback. A failed reconnect, too, is a
/// `creation`, with the id of the intact connection and without tags.
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

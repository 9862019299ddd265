//! `GET /oauth/callback`: end of the provider's redirect.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::outcome::{FlowError, failure_page, success_page};
use super::websocket;
use crate::app::App;
use crate::check::is_uuid;
use crate::connections::upsert::{Incoming, StoreMode, upsert};
use crate::http::LenientCall;
use crate::model::{Client, Connection, Credentials, Flow, template};
use crate::upstream::token;
use crate::webhooks::payload;
use crate::webhooks::payload::Operation;

/// Completes a flow. A HEAD completes it as a GET does and uses up the state, as with a real Nango.
pub(crate) async fn callback(State(app): State<App>, LenientCall(call): LenientCall) -> Response {
    let done = match take_flow(&app, &call.query) {
        Ok(flow) => complete(&app, flow, &call.query).await.map_err(|error| error.description),
        Err(message) => Err(message),
    };
    match done {
        Ok(_) => success_page(),
        Err(message) => failure_page(&of_provider(&call.query).unwrap_or(message)),
    }
}

/// Returns the provider's own error, which the page shows in place of Nango's.
fn of_provider(query: &Map<String, Value>) -> Option<String> {
    let errors = query.iter().filter(|(name, _)| name.starts_with("error"));
    let errors: Map<_, _> = errors.map(|(name, value)| (name.clone(), value.clone())).collect();
    (!errors.is_empty()).then(|| Value::Object(errors).to_string())
}

/// Takes the flow of the state, which has one of three names. The page alone shows what is wrong
/// with a state.
fn take_flow(app: &App, query: &Map<String, Value>) -> Result<Flow, String> {
    let text = |name: &&str| query.get(*name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(state) = ["state", "payload", "customField"].iter().find_map(text) else {
        return Err("No state found in callback".to_owned());
    };
    if !is_uuid(state) {
        return Err("invalid_oauth_state".to_owned());
    }
    let flow = app.write(|stored| stored.flows.remove(state));
    flow.ok_or_else(|| format!("No session found for state: \"{state}\""))
}

/// Completes the flow of `state`, as the callback does.
pub(crate) async fn complete_state(
    app: &App,
    state: &str,
    query: &Map<String, Value>,
) -> Result<Connection, FlowError> {
    let Some(flow) = app.write(|stored| stored.flows.remove(state)) else {
        return Err(FlowError::before_redirect("invalid_state", "Invalid state"));
    };
    complete(app, flow, query).await
}

/// Exchanges the code for tokens and stores the connection. Notifies the WebSocket and sends the
/// webhook.
async fn complete(app: &App, flow: Flow, query: &Map<String, Value>) -> Result<Connection, FlowError> {
    match exchange_code(app, &flow, query).await {
        Ok((operation, connection)) => {
            websocket::success(app, &flow, &connection);
            let end_user = flow.session.end_user.as_ref();
            payload::send_success(app, &connection, operation, end_user);
            Ok(connection)
        }
        Err(error) => {
            let ws = flow.ws_client_id.as_deref();
            websocket::failure(app, ws, &flow.integration, &flow.connection_id, &error);
            if let Some(kind) = error.webhook_type {
                payload::send_flow_failure(app, &flow, kind, &error.description);
            }
            Err(error)
        }
    }
}

async fn exchange_code(
    app: &App,
    flow: &Flow,
    query: &Map<String, Value>,
) -> Result<(Operation, Connection), FlowError> {
    let integration = app.read(|state| state.integration(&flow.integration).cloned());
    let provider = integration.as_ref().and_then(|integration| app.provider_of(integration));
    let (Some(integration), Some(provider)) = (integration.as_ref(), provider.as_deref()) else {
        let message = "The integration was deleted meanwhile";
        return Err(FlowError::before_redirect("provider_config_err", message));
    };
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    let Some(code) = text("code") else {
        return Err(FlowError {
            ws_type: "callback_err",
            webhook_type: Some("invalid_callback"),
            description: no_code(query),
        });
    };
    let client = flow.client_override.clone().unwrap_or_else(|| Client::of(integration, None));
    let verifier = flow.code_verifier.as_deref();
    let response = token::exchange(app, provider, &flow.config, &client, code, &flow.redirect_uri, verifier);
    let response = response.await.map_err(|rejected| FlowError {
        ws_type: "unknown_err",
        webhook_type: Some("unknown"),
        description: rejected.description(),
    })?;
    let credentials = Credentials::oauth2(&response, app.clock.now());
    let mut credentials = credentials.ok_or_else(|| FlowError {
        ws_type: "unknown_err",
        webhook_type: Some("unable_to_parse_token_response"),
        description: "The token response has no access token".to_owned(),
    })?;
    if let Some(client) = &flow.client_override {
        let client = serde_json::json!({ "client_id": client.id, "client_secret": client.secret });
        credentials.fields_mut().insert("config_override".into(), client);
    }
    let mut config = flow.config.clone();
    for name in provider.names("redirect_uri_metadata") {
        if let Some(value) = query.get(&name) {
            config.insert(name, value.clone());
        }
    }
    config.extend(template::token_metadata(provider, &response));
    Ok(upsert(
        app,
        Incoming {
            store_mode: StoreMode::OAuth2,
            integration: &flow.integration,
            provider,
            connection_id: &flow.connection_id,
            credentials,
            connection_config: config,
            metadata: None,
            tags: flow.session.tags.clone(),
            end_user: flow.session.end_user.clone(),
            webhook_url_override: flow.session.webhook_url_override.clone(),
        },
    ))
}

fn no_code(query: &Map<String, Value>) -> String {
    let said: Vec<_> = query
        .iter()
        .filter(|(name, _)| name.starts_with("error"))
        .filter_map(|(name, value)| Some(format!("{name}: {}", value.as_str()?)))
        .collect();
    let said = if said.is_empty() { String::new() } else { format!(" Provider error: {}", said.join("; ")) };
    format!("Did not get authorization code in the callback.{said}")
}

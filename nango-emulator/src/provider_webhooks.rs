//! `POST /webhook/{environment}/{integration}`: forwards a provider's webhooks to the customer
//! (wire reference 8.4; observed on Nango 0.71.4).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::check::{INTEGRATION_ID, Issue, is_uuid};
use crate::http::{ApiError, Bucket, Call, LenientCall, reply};
use crate::model::Connection;
use crate::model::keys::is_key;
use crate::runs;
use crate::webhooks::deliver;
use crate::webhooks::deliver::Outgoing;

pub(crate) async fn forward(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, ApiError> {
    // Providers send no origin, and no web page can play one.
    app.refuse_foreign(&call.headers)?;
    let environment = call.param("environment");
    let key = call.param("integration");
    if is_key(environment) {
        let bucket = Bucket::Webhook(format!("{}:{key}", environment.to_lowercase()));
        call.rate.set(app.rate.admit(bucket, app.clock.now()));
    }
    let mut issues = INTEGRATION_ID.check(key, &["providerConfigKey"]);
    if !is_uuid(environment) {
        issues.insert(0, Issue::new("invalid_format", "Invalid UUID", &["environmentUuid"]));
    }
    if !issues.is_empty() {
        return Err(ApiError::invalid("invalid_uri_params", &issues));
    }
    if environment != app.environment.uuid {
        return Err(ApiError::code(404, "unknown_environment"));
    }
    let Some(integration) = app.read(|state| state.integration(key).cloned()) else {
        return Err(ApiError::code(404, "unknown_provider_config"));
    };
    let provider = app.providers.get(&integration.provider);
    if provider.is_none_or(|provider| provider.text("webhook_routing_script").is_none()) {
        return Ok(reply::empty());
    }
    let body = call.body.clone().or_else(|| serde_json::from_slice(&call.raw).ok());
    let body = body.unwrap_or_else(|| Value::Object(Map::new()));
    let named = body.get("connectionId").and_then(Value::as_str);
    let connection = named.and_then(|id| app.read(|state| state.connections.get(key, id).cloned()));
    if let Some(connection) = &connection {
        runs::on_webhook(&app, connection, &body);
    }
    if integration.forward_webhooks {
        forward_body(&app, &call, key, &integration.provider, connection, &body);
    }
    Ok(reply::json(200, &json!({ "status": "success" })))
}

/// Forwards the body, in an envelope if it names a connection.
fn forward_body(
    app: &App,
    call: &Call,
    integration: &str,
    provider: &str,
    connection: Option<Connection>,
    body: &Value,
) {
    let headers = provider_headers(call);
    let outgoing = |url_override| Outgoing { kind: "forward", operation: None, url_override, headers };
    match connection {
        Some(connection) => {
            let envelope = json!({
                "connectionId": connection.connection_id,
                "from": provider,
                "payload": body,
                "providerConfigKey": integration,
                "type": "forward",
            });
            deliver::send(app, outgoing(connection.webhook_url_override), &envelope);
        }
        None => deliver::send(app, outgoing(None), body),
    }
}

/// Returns the provider's headers, without hop-by-hop and private ones.
fn provider_headers(call: &Call) -> Vec<(String, String)> {
    const NOT_FORWARDED: [&str; 16] = [
        "accept", "accept-encoding", "authorization", "connection", "cookie", "expect", "forwarded", "host",
        "keep-alive", "origin", "referer", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    ];
    let passes = |name: &str| {
        !NOT_FORWARDED.contains(&name)
            && !["content-", "sec-", "proxy-", "x-forwarded-", "x-nango-"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
    };
    call.headers
        .iter()
        .filter(|(name, _)| passes(name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

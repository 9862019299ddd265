//! `GET /config/{key}`, which Nango keeps for old clients (observed on 0.71.4; the form with
//! credentials read in its source).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::http::{ApiError, LenientCall, reply};
use crate::model::{self, Connection, Integration};
use crate::{auth, time};

/// The numeric id of the only environment.
const ENVIRONMENT_ID: u32 = 1;

pub(crate) async fn config(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, ApiError> {
    const CREDENTIALS: &str = "environment:integrations:read_credentials";
    let held = auth::api_key(&app, &call, &["environment:integrations:read", CREDENTIALS])?;
    let key = call.param("key");
    // Every other text than this one means no.
    let with_credentials = call.query.get("include_creds").and_then(Value::as_str) == Some("true");
    let found = app.read(|state| state.integration(key).map(|one| view(&app, state, one, with_credentials)));
    let view = found.ok_or_else(ApiError::unknown_config)?;
    if with_credentials {
        app.refuse_foreign(&call.headers)?;
        if !held.include(CREDENTIALS) {
            return Err(auth::insufficient_scope(&[CREDENTIALS]));
        }
    }
    Ok(reply::json(200, &json!({ "config": view })))
}

fn view(app: &App, state: &model::State, one: &Integration, with_credentials: bool) -> Value {
    let (unique_key, provider) = (&one.unique_key, &one.provider);
    if !with_credentials {
        return json!({ "unique_key": unique_key, "provider": provider, "syncs": [], "actions": [] });
    }
    let template = app.providers.get(provider);
    let text = |name: &str| template.and_then(|template| template.text(name));
    let has_webhook = text("webhook_routing_script").is_some();
    let (base, uuid) = (&app.public_url, &app.environment.uuid);
    let mut connections: Vec<_> = state.connections.with_integration(unique_key).collect();
    connections.sort_by_key(|connection| connection.id);
    let count = connections.len();
    let connections: Vec<_> = connections.into_iter().map(connection).collect();
    json!({
        "unique_key": unique_key,
        "provider": provider,
        "client_id": one.credential("client_id"),
        "client_secret": one.credential("client_secret"),
        "custom": one.custom,
        "scopes": one.credential("scopes"),
        "app_link": one.credential("app_link"),
        "auth_mode": text("auth_mode"),
        "created_at": time::utc(one.created_at),
        "syncs": [],
        "actions": [],
        "has_webhook": has_webhook,
        "webhook_secret": null,
        "connections": connections,
        "docs": text("docs"),
        "connection_count": count,
        "has_webhook_user_defined_secret": template.is_some_and(|t| t.flag("webhook_user_defined_secret")),
        // By the name of the provider, although Nango receives webhooks by the key.
        "webhook_url": has_webhook.then(|| format!("{base}/webhook/{uuid}/{provider}")),
    })
}

fn connection(connection: &Connection) -> Map<String, Value> {
    let fields = [
        ("connection_config", json!(connection.connection_config)),
        ("connection_id", json!(connection.connection_id)),
        ("environment_id", json!(ENVIRONMENT_ID)),
        ("id", json!(connection.id)),
        ("provider_config_key", json!(connection.integration)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

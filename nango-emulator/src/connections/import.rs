//! `POST /connections`: imports a connection (wire reference 4.4).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::upsert::{Incoming, StoreMode, upsert};
use crate::app::App;
use crate::check::{Fields, Issue, Text, wrong_type};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::{Credentials, EndUser, TagsError, combine, tags};
use crate::outbound::take_webhook_url;
use crate::upstream::verification;
use crate::webhooks::payload;
use crate::{auth, jsonb, time};

pub(crate) async fn import(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key_for_credentials(&app, &call, &["environment:connections:create"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let integration = fields.required("provider_config_key", Text::ANY).unwrap_or_default();
    let metadata = fields.record("metadata").cloned();
    let connection_config = take_connection_config(&mut fields);
    let connection_id = fields.optional("connection_id", Text::ANY);
    let credentials = take_credentials(&mut fields);
    let end_user = EndUser::take_without_organization(&mut fields, false);
    let tags = tags::take(&mut fields, tags::Values::NonEmpty).unwrap_or_default();
    let webhook_url = take_webhook_url(&mut fields);
    finish_body(fields)?;
    let provider = app.read(|state| state.integration(integration).map(|i| i.provider.clone()));
    let provider = provider.and_then(|name| app.providers.get(&name));
    let Some(provider) = provider else {
        return Err(ApiError::new(404, "not_found", "Integration does not exist"));
    };
    let (mode, kind) = (provider.auth_mode(), credentials.text("type").unwrap_or("NONE"));
    if mode != kind {
        let message = format!("A provider of mode {mode} takes no {kind} credentials");
        return Err(ApiError::new(400, "invalid_body", message));
    }
    let connection_config = connection_config.unwrap_or_default();
    // Nango tests keys and passwords, and no tokens.
    if matches!(mode, "API_KEY" | "BASIC") {
        let found = app.read(|state| state.integration(integration).cloned());
        let template = found.as_ref().and_then(|found| app.provider_of(found));
        let template = template.as_deref().unwrap_or(provider);
        verification::require(&app, template, &credentials, &connection_config).await?;
    }
    let tags = combine(end_user.as_ref(), &tags).map_err(|error| match error {
        TagsError::TooMany => ApiError::new(500, "server_error", "Failed to import connection"),
        TagsError::Nul => ApiError::support(&app.ids.uuid()),
    })?;
    if ![metadata.as_ref(), Some(&connection_config)].into_iter().flatten().all(jsonb::is_storable_map) {
        return Err(ApiError::support(&app.ids.uuid()));
    }
    let generated;
    let connection_id = match connection_id {
        Some(id) => id,
        None => {
            generated = app.ids.uuid();
            &generated
        }
    };
    let incoming = Incoming {
        store_mode: StoreMode::Plain,
        integration,
        provider,
        connection_id,
        credentials,
        connection_config,
        metadata,
        tags,
        end_user,
        webhook_url_override: webhook_url.filter(|url| !url.is_empty()),
    };
    let (operation, connection) = upsert(&app, incoming);
    payload::send_success(&app, &connection, operation, None);
    Ok(reply::json(201, &connection.imported()))
}

/// Takes an object of any content. Only scopes are checked: a list here, one string in a session.
fn take_connection_config(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    const NAME: &str = "connection_config";
    const SCOPES: &str = "oauth_scopes_override";
    let config = fields.object(NAME)?;
    match config.get(SCOPES) {
        None => {}
        Some(Value::Array(scopes)) => {
            for (at, scope) in scopes.iter().enumerate().filter(|(_, scope)| !scope.is_string()) {
                fields.push(wrong_type("string", Some(scope), &[NAME, SCOPES, &at.to_string()]));
            }
        }
        other => fields.push(wrong_type("array", other, &[NAME, SCOPES])),
    }
    Some(config.clone())
}

/// Takes credentials: a union by `type` with strict members.
fn take_credentials(fields: &mut Fields<'_>) -> Credentials {
    const NAME: &str = "credentials";
    let value = fields.take(NAME);
    fields.nested(value, &[NAME], read).unwrap_or_default()
}

fn read(inner: &mut Fields<'_>) -> Credentials {
    let kind = inner.take("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let some = Text { min: 1, ..Text::ANY };
    let mut map = Map::from_iter([("type".to_owned(), json!(kind))]);
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    };
    match kind.as_str() {
        "API_KEY" => {
            let credentials = Credentials::take_api_key(inner);
            inner.strict();
            return credentials;
        }
        "BASIC" => {
            let credentials = Credentials::take_basic(inner);
            inner.strict();
            return credentials;
        }
        "OAUTH2" => {
            put("access_token", inner.required("access_token", some).map(Value::from));
            put("refresh_token", inner.optional("refresh_token", Text::ANY).map(Value::from));
            put("expires_at", inner.optional_date("expires_at").map(|at| time::utc(at).into()));
            put("config_override", inner.object("config_override").cloned().map(Value::from));
        }
        "OAUTH2_CC" => {
            put("token", inner.required("token", some).map(Value::from));
            put("client_id", inner.required("client_id", some).map(Value::from));
            put("client_secret", inner.required("client_secret", some).map(Value::from));
            put("expires_at", inner.optional_date("expires_at").map(|at| time::utc(at).into()));
        }
        "OAUTH1" => {
            put("oauth_token", inner.required("oauth_token", some).map(Value::from));
            let secret = inner.required("oauth_token_secret", some).map(Value::from);
            put("oauth_token_secret", secret);
        }
        "NONE" => map.clear(),
        "TBA" => {
            put("token_id", inner.required("token_id", some).map(Value::from));
            put("token_secret", inner.required("token_secret", some).map(Value::from));
        }
        "APP" | "CUSTOM" => {
            put("app_id", inner.required("app_id", some).map(Value::from));
            put("installation_id", inner.required("installation_id", some).map(Value::from));
        }
        _ => {
            let message = "Invalid input";
            inner.push(Issue::new("invalid_union", message, &["type"]));
            return Credentials::default();
        }
    }
    inner.strict();
    if ["OAUTH1", "OAUTH2", "OAUTH2_CC"].contains(&kind.as_str()) {
        let raw = map.clone();
        map.insert("raw".into(), raw.into());
    }
    map.into()
}

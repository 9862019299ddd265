//! `GET` and `DELETE` of integrations (wire reference 5), and their JSON form.

use axum::extract::State;
use axum::response::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::credentials;
use crate::app::App;
use crate::check::{INTEGRATION_ID, Issue};
use crate::http::{ApiError, Call, finish_query, reply};
use crate::model::{Integration, Provider, Session, logo_url};
use crate::runs;
use crate::{auth, model, time};

/// Returns the integrations that a session allows, or all of them, by provider and then by age.
fn visible<'a>(state: &'a model::State, session: Option<&Session>) -> Vec<&'a Integration> {
    let allowed = |one: &&Integration| session.is_none_or(|s| s.allows(&one.unique_key));
    let mut all: Vec<_> = state.integrations.iter().filter(allowed).collect();
    // Those of a configuration file are of one age, and stay in its order.
    all.sort_by_key(|one| (one.provider.as_str(), one.created_at));
    all
}

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = auth::key_or_session(
        &app,
        &call,
        &["environment:integrations:list", "environment:integrations:list_credentials"],
    )?;
    call.no_query()?;
    let data: Vec<_> = app.read(|state| {
        let all = visible(state, session.as_ref()).into_iter();
        all.map(|one| view(&app, one, &Include::default())).collect()
    });
    Ok(reply::json(200, &json!({ "data": data })))
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(
        &app,
        &call,
        &["environment:integrations:read", "environment:integrations:read_credentials"],
    )?;
    let include = Include::read(&call)?;
    if include.credentials {
        app.refuse_foreign(&call.headers)?;
    }
    let key = unique_key_param(&call)?;
    let found = app.read(|state| state.integration(key).map(|one| view(&app, one, &include)));
    match found {
        Some(view) => Ok(reply::json(200, &json!({ "data": view }))),
        None => Err(unknown(key)),
    }
}

/// Returns the unique key of the path.
pub(super) fn unique_key_param(call: &Call) -> Result<&str, ApiError> {
    call.checked_param("key", "uniqueKey", INTEGRATION_ID)
}

pub(super) fn unknown(key: &str) -> ApiError {
    ApiError::new(404, "not_found", format!("Integration \"{key}\" does not exist"))
}

/// Deletes the integration and its connections.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:delete"])?;
    call.no_query()?;
    let key = unique_key_param(&call)?;
    let found = app.write(|state| {
        let before = state.integrations.len();
        state.integrations.retain(|one| one.unique_key != key);
        state.connections.remove_integration(key);
        state.integrations.len() < before
    });
    if found {
        runs::integration_removed(&app, key);
        return Ok(reply::success());
    }
    Err(ApiError::new(404, "not_found", "Integration does not exist"))
}

/// Characters that JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

#[derive(Default)]
pub(super) struct Include {
    pub(super) webhook: bool,
    pub(super) credentials: bool,
}

impl Include {
    pub(super) fn read(call: &Call) -> Result<Self, ApiError> {
        let mut fields = call.query_fields();
        let wanted = match fields.take("include") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let known = |item: &Value| item == "webhook" || item == "credentials";
        if !wanted.iter().all(known) {
            fields.push(Issue::new("invalid_union", "Invalid input", &["include"]));
        }
        finish_query(fields)?;
        let has = |name: &str| wanted.iter().any(|item| item == name);
        Ok(Self { webhook: has("webhook"), credentials: has("credentials") })
    }
}

pub(super) fn view(app: &App, integration: &Integration, include: &Include) -> Value {
    let provider = app.providers.get(&integration.provider);
    let fallback = || provider.map_or(integration.provider.as_str(), Provider::display_name);
    let mut view = json!({
        "unique_key": integration.unique_key,
        "provider": integration.provider,
        "display_name": integration.display_name.as_deref().unwrap_or_else(fallback),
        "logo": logo_url(&app.public_url, &integration.provider),
    });
    if include.webhook {
        let routed = provider.is_some_and(|p| p.text("webhook_routing_script").is_some());
        let url = || {
            let (base, uuid) = (&app.public_url, &app.environment.uuid);
            let key = utf8_percent_encode(&integration.unique_key, COMPONENT);
            format!("{base}/webhook/{uuid}/{key}")
        };
        view["webhook_url"] = routed.then(url).into();
    }
    if include.credentials {
        view["credentials"] = provider.map_or(Value::Null, |p| credentials::view(integration, p));
    }
    view["forward_webhooks"] = integration.forward_webhooks.into();
    view["created_at"] = time::utc(integration.created_at).into();
    view["updated_at"] = time::utc(integration.updated_at).into();
    view
}

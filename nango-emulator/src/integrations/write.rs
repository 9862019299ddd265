//! `POST` and `PATCH` of integrations (wire reference 5).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::credentials;
use super::read::{Include, unique_key_param, unknown, view};
use crate::app::App;
use crate::auth;
use crate::check::{Fields, INTEGRATION_ID, Issue, NAME, Text};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::{Integration, Provider};

/// Fields that both calls take.
struct IntegrationInput {
    display_name: Option<String>,
    credentials: Option<Map<String, Value>>,
    forward_webhooks: Option<bool>,
    integration_config: Option<Map<String, Value>>,
    custom: Option<Map<String, Value>>,
}

impl IntegrationInput {
    fn take(fields: &mut Fields<'_>) -> Self {
        Self {
            display_name: fields.optional("display_name", Text::between(1, 255)).map(str::to_owned),
            credentials: credentials::take(fields),
            forward_webhooks: fields.boolean("forward_webhooks"),
            integration_config: fields.texts("integration_config", Text::between(0, 8192)).cloned(),
            custom: fields.texts("custom", Text::ANY).cloned(),
        }
    }

    /// Updates the integration. Missing fields keep their value.
    fn apply_to(self, one: &mut Integration) {
        one.display_name = self.display_name.or(one.display_name.take());
        one.credentials = self.credentials.or(one.credentials.take());
        one.forward_webhooks = self.forward_webhooks.unwrap_or(one.forward_webhooks);
        one.integration_config = self.integration_config.or(one.integration_config.take());
        one.custom = self.custom.or(one.custom.take());
    }
}

pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:create"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let provider = fields.required("provider", NAME);
    let unique_key = fields.required("unique_key", INTEGRATION_ID);
    let given = IntegrationInput::take(&mut fields);
    finish_body(fields)?;
    let (provider, unique_key) = (provider.unwrap_or_default(), unique_key.unwrap_or_default());
    let template = template(&app, provider)?;
    credentials::check(template, given.credentials.as_ref(), true)?;
    refuse_duplicate(&app, unique_key)?;
    let mut integration = Integration::new(unique_key, template, app.clock.now());
    given.apply_to(&mut integration);
    Ok(add(&app, integration))
}

/// `POST /integrations/quickstart`: creates an integration with a developer app of Nango's (read in
/// its source). Here the emulator stands in for the provider.
pub(crate) async fn quickstart(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:create"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let provider = fields.required("provider", NAME);
    let unique_key = fields.required("unique_key", INTEGRATION_ID);
    let display_name = fields.optional("display_name", Text::between(1, 255));
    let forward_webhooks = fields.boolean("forward_webhooks");
    finish_body(fields)?;
    let template = template(&app, provider.unwrap_or_default())?;
    let unique_key = unique_key.unwrap_or_default();
    if template.auth_mode() != "OAUTH2" {
        let message = "The emulator brings developer apps along for OAuth2 providers only";
        return Err(ApiError::new(400, "invalid_body", message));
    }
    refuse_duplicate(&app, unique_key)?;
    let integration = Integration {
        display_name: display_name.map(str::to_owned),
        forward_webhooks: forward_webhooks.unwrap_or(true),
        ..Integration::emulated(unique_key, template, app.clock.now())
    };
    Ok(add(&app, integration))
}

fn template<'a>(app: &'a App, provider: &str) -> Result<&'a Provider, ApiError> {
    app.providers.get(provider).ok_or_else(|| {
        let issue = Issue::new("invalid_string", "Invalid provider", &["provider"]);
        ApiError::body(&[issue])
    })
}

fn refuse_duplicate(app: &App, unique_key: &str) -> Result<(), ApiError> {
    if app.read(|state| state.integration(unique_key).is_some()) {
        let issue = Issue::new("invalid_string", "Unique key already exists", &["uniqueKey"]);
        return Err(ApiError::body(&[issue]));
    }
    Ok(())
}

fn add(app: &App, integration: Integration) -> Response {
    let view = view(app, &integration, &Include::default());
    app.write(|state| state.integrations.push(integration));
    reply::json(200, &json!({ "data": view }))
}

pub(crate) async fn patch(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:integrations:update"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let unique_key = fields.optional("unique_key", INTEGRATION_ID);
    let given = IntegrationInput::take(&mut fields);
    finish_body(fields)?;
    let key = unique_key_param(&call)?;
    let Some(old) = app.read(|state| state.integration(key).cloned()) else {
        return Err(unknown(key));
    };
    if let Some(template) = app.providers.get(&old.provider) {
        credentials::check(template, given.credentials.as_ref(), false)?;
    }
    let renamed = unique_key.filter(|&new| new != key);
    if let Some(new) = renamed {
        let refuse = |message: &str| Err(ApiError::new(400, "invalid_body", message));
        if app.read(|state| state.integration(new).is_some()) {
            return refuse("Another integration has this unique key");
        }
        if app.read(|state| state.connections.with_integration(key).next().is_some()) {
            return refuse("An integration with connections cannot be renamed");
        }
    }
    let now = app.clock.now();
    let view = app.write(|state| {
        let one = state.integrations.iter_mut().find(|one| one.unique_key == key)?;
        one.unique_key = renamed.map_or_else(|| one.unique_key.clone(), str::to_owned);
        given.apply_to(one);
        one.updated_at = now;
        let view = view(&app, one, &Include::default());
        if let Some(new) = renamed {
            state.functions.rename(key, new);
        }
        Some(view)
    });
    view.map(|view| reply::json(200, &json!({ "data": view }))).ok_or_else(|| unknown(key))
}

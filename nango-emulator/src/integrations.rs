//! Integrations: a provider set up under an id of the environment (wire reference 5; observed on
//! Nango 0.71.4).

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body, refuse_query},
        check::{Fields, INTEGRATION_ID, Text},
        envelope::{Issue, Refusal},
        reply,
    },
    providers::{Provider, logo},
    sessions::Session,
    state::State as Store,
    time,
};

/// A provider configured under `unique_key`. No `Debug`: it holds a client secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Integration {
    pub(crate) unique_key: String,
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default = "yes")]
    pub(crate) forward_webhooks: bool,
    /// `{type, client_id, client_secret, scopes, …}`.
    #[serde(default)]
    pub(crate) credentials: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) integration_config: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) custom: Option<Map<String, Value>>,
    /// The emulator plays the provider.
    #[serde(default)]
    pub(crate) played: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

fn yes() -> bool {
    true
}

impl Integration {
    pub(crate) fn new(unique_key: &str, provider: &Provider, now: Timestamp) -> Self {
        Self {
            unique_key: unique_key.to_owned(),
            provider: provider.name.clone(),
            display_name: None,
            forward_webhooks: true,
            credentials: None,
            integration_config: None,
            custom: None,
            played: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// One whose provider the emulator plays, as a client that it knows.
    pub(crate) fn played(unique_key: &str, provider: &Provider, now: Timestamp) -> Self {
        let credentials = (provider.auth_mode() == "OAUTH2").then(|| {
            let scopes = provider.names("default_scopes").join(",");
            Map::from_iter([
                ("type".into(), "OAUTH2".into()),
                ("client_id".into(), format!("emulator-{unique_key}").into()),
                ("client_secret".into(), "emulator-client-secret".into()),
                ("scopes".into(), scopes.into()),
            ])
        });
        Self { credentials, played: true, ..Self::new(unique_key, provider, now) }
    }

    pub(crate) fn credential(&self, name: &str) -> Option<&str> {
        let value = self.credentials.as_ref()?.get(name)?.as_str()?;
        Some(value).filter(|text| !text.is_empty())
    }

    fn view(&self, app: &App, include: &Include) -> Value {
        let provider = app.providers.get(&self.provider);
        let fallback = || provider.map_or(self.provider.as_str(), Provider::display_name);
        let mut view = json!({
            "unique_key": self.unique_key,
            "provider": self.provider,
            "display_name": self.display_name.as_deref().unwrap_or_else(fallback),
            "logo": logo::url(&app.public_url, &self.provider),
        });
        if include.webhook {
            let routed = provider.is_some_and(|p| p.text("webhook_routing_script").is_some());
            let url = || {
                let (base, uuid) = (&app.public_url, &app.environment.uuid);
                format!("{base}/webhook/{uuid}/{}", self.unique_key)
            };
            view["webhook_url"] = routed.then(url).into();
        }
        if include.credentials {
            view["credentials"] = self.credentials.clone().map_or(Value::Null, Value::Object);
        }
        view["forward_webhooks"] = self.forward_webhooks.into();
        view["created_at"] = time::zulu(self.created_at).into();
        view["updated_at"] = time::zulu(self.updated_at).into();
        view
    }
}

#[derive(Default)]
struct Include {
    webhook: bool,
    credentials: bool,
}

impl Include {
    fn read(call: &Call) -> Result<Self, Refusal> {
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
        fields.strict();
        refuse_query(&fields.issues)?;
        let has = |name: &str| wanted.iter().any(|item| item == name);
        Ok(Self { webhook: has("webhook"), credentials: has("credentials") })
    }
}

/// The integrations that a session may use, or all of them.
pub(crate) fn visible<'a>(
    state: &'a Store,
    session: Option<&'a Session>,
) -> impl Iterator<Item = &'a Integration> {
    let allowed = move |one: &&Integration| session.is_none_or(|s| s.allows(&one.unique_key));
    state.integrations.iter().filter(allowed)
}

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let session = auth::either(&app, &call, &["environment:integrations:list"])?;
    call.no_query()?;
    let data: Vec<_> = app.read(|state| {
        let all = visible(state, session.as_ref());
        all.map(|one| one.view(&app, &Include::default())).collect()
    });
    Ok(reply::json(200, &json!({ "data": data })))
}

pub(crate) async fn get(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:read", "environment:integrations:read_credentials"])?;
    let include = Include::read(&call)?;
    let key = call.param("key");
    let found = app.read(|state| state.integration(key).map(|one| one.view(&app, &include)));
    match found {
        Some(view) => Ok(reply::json(200, &json!({ "data": view }))),
        None => Err(unknown(key)),
    }
}

fn unknown(key: &str) -> Refusal {
    Refusal::new(404, "not_found", format!("Integration \"{key}\" does not exist"))
}

pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let provider = fields.required("provider", Text { min: 1, ..Text::between(1, 255) });
    let unique_key = fields.required("unique_key", Text { min: 1, ..INTEGRATION_ID });
    let display_name = fields.optional("display_name", Text::between(1, 255));
    let forward_webhooks = fields.boolean("forward_webhooks");
    let credentials = credentials(&mut fields);
    let integration_config = fields.object("integration_config").cloned();
    let custom = fields.object("custom").cloned();
    fields.strict();
    refuse_body(&fields.issues)?;
    let (provider, unique_key) = (provider.unwrap_or_default(), unique_key.unwrap_or_default());
    let Some(template) = app.providers.get(provider) else {
        let issue = Issue::new("invalid_string", "Invalid provider", &["provider"]);
        return Err(Refusal::body(&[issue]));
    };
    if app.read(|state| state.integration(unique_key).is_some()) {
        let issue = Issue::new("invalid_string", "Unique key already exists", &["uniqueKey"]);
        return Err(Refusal::body(&[issue]));
    }
    check_credentials(template, credentials.as_ref(), true)?;
    let now = app.clock.now();
    let integration = Integration {
        display_name: display_name.map(str::to_owned),
        forward_webhooks: forward_webhooks.unwrap_or(true),
        credentials,
        integration_config,
        custom,
        ..Integration::new(unique_key, template, now)
    };
    let view = integration.view(&app, &Include::default());
    app.write(|state| state.integrations.push(integration));
    Ok(reply::json(200, &json!({ "data": view })))
}

pub(crate) async fn patch(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let unique_key = fields.optional("unique_key", Text { min: 1, ..INTEGRATION_ID });
    let display_name = fields.optional("display_name", Text::between(1, 255));
    let forward_webhooks = fields.boolean("forward_webhooks");
    let credentials = credentials(&mut fields);
    let integration_config = fields.object("integration_config").cloned();
    let custom = fields.object("custom").cloned();
    fields.strict();
    refuse_body(&fields.issues)?;
    let key = call.param("key");
    let Some(old) = app.read(|state| state.integration(key).cloned()) else {
        return Err(unknown(key));
    };
    if let Some(template) = app.providers.get(&old.provider) {
        check_credentials(template, credentials.as_ref(), false)?;
    }
    let renamed = unique_key.filter(|&new| new != key);
    if let Some(new) = renamed {
        if app.read(|state| state.integration(new).is_some()) {
            let issue = Issue::new("invalid_string", "Unique key already exists", &["uniqueKey"]);
            return Err(Refusal::body(&[issue]));
        }
        if app.read(|state| state.connections.of_integration(key).next().is_some()) {
            let message = "Can't rename an integration with active connections";
            let issue = Issue::new("invalid_string", message, &["uniqueKey"]);
            return Err(Refusal::body(&[issue]));
        }
    }
    let now = app.clock.now();
    let view = app.write(|state| {
        let one = state.integrations.iter_mut().find(|one| one.unique_key == key)?;
        one.unique_key = renamed.map_or_else(|| one.unique_key.clone(), str::to_owned);
        one.display_name = display_name.map(str::to_owned).or(one.display_name.take());
        one.forward_webhooks = forward_webhooks.unwrap_or(one.forward_webhooks);
        one.credentials = credentials.clone().or(one.credentials.take());
        one.integration_config = integration_config.clone().or(one.integration_config.take());
        one.custom = custom.clone().or(one.custom.take());
        one.updated_at = now;
        Some(one.view(&app, &Include::default()))
    });
    view.map(|view| reply::json(200, &json!({ "data": view }))).ok_or_else(|| unknown(key))
}

/// Takes the connections of the integration along.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:delete", "environment:integrations:write"])?;
    call.no_query()?;
    let key = call.param("key");
    let found = app.write(|state| {
        let before = state.integrations.len();
        state.integrations.retain(|one| one.unique_key != key);
        state.connections.remove_integration(key);
        state.integrations.len() < before
    });
    if found {
        return Ok(reply::json(200, &json!({ "success": true })));
    }
    Err(Refusal::new(404, "not_found", "Integration does not exist"))
}

fn credentials(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let value = fields.take("credentials")?;
    let mut inner = match Fields::of(Some(value), &["credentials"]) {
        Ok(inner) => inner,
        Err(issue) => {
            fields.issues.push(issue);
            return None;
        }
    };
    let secret = Text::between(1, 1024);
    match inner.take("type").and_then(Value::as_str) {
        Some("OAUTH1" | "OAUTH2" | "TBA") => {
            inner.required("client_id", Text::between(1, 255));
            inner.required("client_secret", Text { min: 1, ..Text::ANY });
            inner.optional("scopes", Text::ANY);
            inner.optional("webhook_secret", Text::between(0, 255));
            inner.strict();
        }
        Some("APP") => {
            inner.required("app_id", Text::between(1, 255));
            inner.required("app_link", Text::between(1, 255));
            if let Some(pem) = inner.required("private_key", Text::ANY) {
                pem_issues(&mut inner, pem);
            }
            inner.strict();
        }
        Some("CUSTOM") => {
            inner.required("client_id", Text::between(1, 255));
            inner.required("client_secret", secret);
            inner.required("app_id", Text::between(1, 255));
            inner.required("app_link", Text::between(1, 255));
            if let Some(pem) = inner.required("private_key", Text::ANY) {
                pem_issues(&mut inner, pem);
            }
            inner.strict();
        }
        Some(_) | None => inner.push(Issue::new("invalid_union", "Invalid input", &["type"])),
    }
    fields.issues.append(&mut inner.issues);
    value.as_object().cloned()
}

fn pem_issues(inner: &mut Fields<'_>, pem: &str) {
    const START: &str = "-----BEGIN RSA PRIVATE KEY----";
    const END: &str = "-----END RSA PRIVATE KEY-----";
    let mut complain = |how: &str, what: &str| {
        let message = format!("Invalid string: must {how} with \"{what}\"");
        inner.push(Issue::new("invalid_format", message, &["private_key"]));
    };
    if !pem.starts_with(START) {
        complain("start", START);
    }
    if !pem.trim_end().ends_with(END) {
        complain("end", END);
    }
}

fn check_credentials(
    provider: &Provider,
    credentials: Option<&Map<String, Value>>,
    creating: bool,
) -> Result<(), Refusal> {
    let mode = provider.auth_mode();
    let Some(credentials) = credentials else {
        if creating && matches!(mode, "OAUTH1" | "OAUTH2" | "TBA" | "APP" | "CUSTOM") {
            return Err(Refusal::new(400, "invalid_body", "Missing credentials"));
        }
        return Ok(());
    };
    if credentials.get("type").and_then(Value::as_str) == Some(mode) {
        return Ok(());
    }
    Err(Refusal::new(400, "invalid_body", "incompatible credentials auth type and provider auth"))
}

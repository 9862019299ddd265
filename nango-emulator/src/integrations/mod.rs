//! Integrations: a provider set up under an id of the environment (wire reference 5; observed on
//! Nango 0.71.4).

mod credentials;
mod write;

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use write::{create, patch, quickstart};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_query},
        check::{INTEGRATION_ID, text_param},
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

/// What JavaScript's `encodeURIComponent` encodes.
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
                let key = utf8_percent_encode(&self.unique_key, COMPONENT);
                format!("{base}/webhook/{uuid}/{key}")
            };
            view["webhook_url"] = routed.then(url).into();
        }
        if include.credentials {
            view["credentials"] = provider.map_or(Value::Null, |p| credentials::view(self, p));
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
    let session = auth::either(
        &app,
        &call,
        &["environment:integrations:list", "environment:integrations:list_credentials"],
    )?;
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
    let key = unique_key_param(&call)?;
    let found = app.read(|state| state.integration(key).map(|one| one.view(&app, &include)));
    match found {
        Some(view) => Ok(reply::json(200, &json!({ "data": view }))),
        None => Err(unknown(key)),
    }
}

/// The integration of the address, checked.
fn unique_key_param(call: &Call) -> Result<&str, Refusal> {
    text_param(call.param("key"), "uniqueKey", INTEGRATION_ID)
}

fn unknown(key: &str) -> Refusal {
    Refusal::new(404, "not_found", format!("Integration \"{key}\" does not exist"))
}

/// Takes the connections of the integration along.
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:integrations:delete"])?;
    call.no_query()?;
    let key = unique_key_param(&call)?;
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

//! Assembling an emulator from settings and files.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde::Deserialize as _;
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use url::Url;

use super::builder::EmulatorBuilder;
use crate::app::{App, Core, Initial};
use crate::code::{Code, Running};
use crate::config::{Config, ConfiguredIntegration};
use crate::error::{EmulatorError, HttpError};
use crate::http::{Origins, RateLimit};
use crate::model::functions::{Deployment, Functions};
use crate::model::keys::{DEV_SIGNING_KEY, Keys, is_key};
use crate::model::{
    Accounts, Breaker, Catalog, DEMO, DeliveryLog, Faults, Ids, Integration, Listeners, Masks, Settings,
    State, Store, Variable,
};
use crate::time::Clock;

impl EmulatorBuilder {
    pub(super) fn app(
        &self,
        config: &Config,
        address: SocketAddr,
        secret_key: &str,
    ) -> Result<App, EmulatorError> {
        check_secret(secret_key)?;
        let local_url = local_url(address);
        let public_url = match &self.public_url {
            Some(url) => check_url("public_url", url)?.trim_end_matches('/').to_owned(),
            None => public_url(address),
        };
        let callback_url = match &self.callback_url {
            Some(url) => check_url("callback_url", url)?,
            None => format!("{public_url}/oauth/callback"),
        };
        let urls = [self.webhook_url.as_ref(), self.secondary_webhook_url.as_ref()];
        let mut webhook_urls = Vec::new();
        for url in urls.into_iter().chain([config.webhooks.secondary_url.as_ref()]).flatten() {
            webhook_urls.push(check_url("webhook_url", url)?);
        }
        let mut allowed_hosts = Vec::new();
        for name in config.allowed_hosts.iter().chain(&self.allowed_hosts) {
            allowed_hosts.push(check_host(name)?);
        }
        let origins = Origins::new(&public_url, allowed_hosts);
        let mut providers = Catalog::builtin(&public_url, &local_url);
        if let Some(path) = &self.providers_file {
            providers.add_file(path)?;
        }
        providers.add(&config.providers);
        let clock = Arc::new(Clock::default());
        let ids = Ids::new(self.seed);
        let initial = State {
            accounts: Accounts::new(ids.secret()),
            integrations: self.first_integrations(config, &providers, &clock)?,
            variables: variables(&config.environment_variables),
            functions: functions(&config.functions, &clock)?,
            ..State::default()
        };
        let store = self.store(&initial, &clock)?;
        let provider_apis = self.provider_apis(config, &store)?;
        let signing_key = self.signing_key.clone().unwrap_or_else(|| DEV_SIGNING_KEY.to_owned());
        let configured = config.api_keys.iter().map(|one| (one.key.clone(), one.scopes.clone()));
        let keys = Keys::new(secret_key, signing_key, configured.chain(self.api_keys.iter().cloned()));
        let settings = Settings {
            webhook_urls,
            callback_url,
            on_auth_creation: config.webhooks.on_auth_creation,
            on_auth_refresh_error: config.webhooks.on_auth_refresh_error,
            on_async_action_completion: config.webhooks.on_async_action_completion,
            on_sync_completion_always: config.webhooks.on_sync_completion_always,
            on_sync_error: config.webhooks.on_sync_error,
        };
        Ok(Arc::new(Core {
            clock,
            ids,
            keys,
            masks: Masks::random(),
            environment: config.environment.clone(),
            providers,
            provider_apis,
            public_url,
            local_url,
            origins,
            store: Arc::new(store),
            client: client()?,
            rate: RateLimit::new(self.rate_limit),
            listeners: Listeners::default(),
            runtime: Handle::current(),
            stop: watch::Sender::new(false),
            settings: Mutex::new(settings.clone()),
            faults: Mutex::new(Faults::default()),
            deliveries: Mutex::new(DeliveryLog::default()),
            breaker: self.circuit_breaker.then(|| Mutex::new(Breaker::default())),
            initial: Initial { state: initial, settings },
            refresh_locks: Mutex::new(HashMap::new()),
            code: Code::default(),
            running: Running::default(),
            schedule_changed: Notify::new(),
            action_turn: tokio::sync::Mutex::default(),
        }))
    }

    fn first_integrations(
        &self,
        config: &Config,
        providers: &Catalog,
        clock: &Clock,
    ) -> Result<Vec<Integration>, EmulatorError> {
        let plain = |id: &str| ConfiguredIntegration {
            unique_key: id.to_owned(),
            provider: id.to_owned(),
            display_name: None,
            forward_webhooks: None,
            credentials: None,
            emulated: Some(true),
            api_url: None,
        };
        let wanted = match (&self.integrations, &config.integrations) {
            (Some(ids), _) => ids.iter().map(|id| plain(id)).collect(),
            (None, Some(configured)) => configured.clone(),
            (None, None) => DEMO.iter().map(|id| plain(id)).collect::<Vec<_>>(),
        };
        let now = clock.now();
        let make = |wanted: ConfiguredIntegration| {
            let Some(provider) = providers.get(&wanted.provider) else {
                let reason = format!("provider {:?} is unknown; add a template for it", wanted.provider);
                return Err(EmulatorError::InvalidSetting { setting: "integrations", reason });
            };
            // Without client credentials the integration cannot talk to the real provider.
            let clientless = provider.auth_mode() == "OAUTH2" && wanted.credentials.is_none();
            let mut made = if wanted.emulated.unwrap_or(clientless) {
                Integration::emulated(&wanted.unique_key, provider, now)
            } else {
                Integration::new(&wanted.unique_key, provider, now)
            };
            made.display_name = wanted.display_name;
            made.forward_webhooks = wanted.forward_webhooks.unwrap_or(true);
            made.credentials = wanted.credentials.or(made.credentials);
            Ok(made)
        };
        wanted.into_iter().map(make).collect()
    }

    /// Returns the addresses in place of providers' APIs. Those of the builder come last, and win.
    fn provider_apis(
        &self,
        config: &Config,
        store: &Store,
    ) -> Result<HashMap<String, String>, EmulatorError> {
        let configured = config.integrations.iter().flatten();
        let configured = configured.filter_map(|one| Some((&one.unique_key, one.api_url.as_ref()?)));
        let all = configured.chain(self.provider_apis.iter().map(|(integration, url)| (integration, url)));
        let check = |(integration, url): (&String, &String)| {
            if store.lock().integration(integration).is_none() {
                let reason =
                    format!("the integration {integration:?} is unknown; add it to the integrations");
                return Err(EmulatorError::InvalidSetting { setting: "provider_api", reason });
            }
            Ok((integration.clone(), check_url("provider_api", url)?))
        };
        all.map(check).collect()
    }

    /// Opens the data file. Without one, the state is the initial one.
    fn store(&self, initial: &State, clock: &Clock) -> Result<Store, EmulatorError> {
        let (store, fresh) = Store::open(self.data_file.clone())?;
        let mut state = store.lock();
        for integration in &initial.integrations {
            if state.integration(&integration.unique_key).is_none() {
                state.integrations.push(integration.clone());
            }
        }
        for function in initial.functions.all() {
            state.functions.deploy(function.deployed.clone(), function.last_deployed);
        }
        if fresh {
            state.variables.clone_from(&initial.variables);
        }
        if state.accounts.has_no_key() {
            state.accounts.clone_from(&initial.accounts);
        }
        clock.set_offset(state.clock_offset);
        drop(state);
        Ok(store)
    }
}

fn variables(map: &Map<String, Value>) -> Vec<Variable> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    map.iter().map(|(name, value)| Variable { name: name.clone(), value: text(value) }).collect()
}

fn functions(configured: &[Value], clock: &Clock) -> Result<Functions, EmulatorError> {
    let mut functions = Functions::default();
    for one in configured {
        let invalid = |reason| EmulatorError::InvalidSetting { setting: "functions", reason };
        let deployed = Deployment::deserialize(one).map_err(|error| invalid(error.to_string()))?;
        functions.deploy(deployed.check().map_err(invalid)?, clock.now());
    }
    Ok(functions)
}

fn client() -> Result<reqwest::Client, EmulatorError> {
    reqwest::Client::builder()
        // A proxy of the process environment cannot reach this machine's localhost.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(5))
        .referer(false)
        .build()
        .map_err(|error| EmulatorError::Http(HttpError::new(error)))
}

fn check_url(setting: &'static str, text: &str) -> Result<String, EmulatorError> {
    let http = |url: Url| matches!(url.scheme(), "http" | "https");
    if Url::parse(text).is_ok_and(http) {
        return Ok(text.to_owned());
    }
    Err(EmulatorError::InvalidSetting { setting, reason: format!("{text:?} is not an HTTP(S) URL") })
}

/// Refuses what is not a bare name: `*` or a port would never match.
fn check_host(name: &str) -> Result<String, EmulatorError> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.is_empty() && name.chars().all(is_of_name) {
        return Ok(name.to_owned());
    }
    let reason = format!("{name:?} is not a host name, such as nango.internal, without a port");
    Err(EmulatorError::InvalidSetting { setting: "allow_host", reason })
}

/// Refuses a key that is not a UUID v4: Nango would refuse every request with it.
fn check_secret(key: &str) -> Result<(), EmulatorError> {
    if is_key(key) {
        return Ok(());
    }
    let reason = "an API key must be a UUID v4".to_owned();
    Err(EmulatorError::InvalidSetting { setting: "secret_key", reason })
}

fn public_url(address: SocketAddr) -> String {
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        return format!("http://localhost:{}", address.port());
    }
    format!("http://{address}")
}

fn local_url(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("http://[::1]:{}", address.port()),
        _ => format!("http://{address}"),
    }
}

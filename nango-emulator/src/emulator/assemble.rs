//! Putting the settings, the files and the parts together.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use serde_json::Map;
use tokio::{runtime::Handle, sync::watch};
use url::Url;

use super::EmulatorBuilder;
use crate::{
    app::{App, Core, Initial, Settings},
    clock::Clock,
    config::{Config, ConfiguredIntegration},
    control::faults::Faults,
    error::EmulatorError,
    http::ratelimit::RateLimit,
    ids::Ids,
    integrations::Integration,
    keys::{DEV_SIGNING_KEY, Keys, is_key},
    oauth2::websocket::Listeners,
    providers::{Catalog, DEMO},
    state::{State, Variable, persist::Store},
    webhooks::{breaker::Breaker, log::Log},
};

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
        let mut providers = Catalog::builtin(&public_url, &local_url);
        if let Some(path) = &self.providers_file {
            providers.add_file(path)?;
        }
        providers.add(&config.providers);
        let clock = Clock::default();
        let initial = State {
            integrations: self.first_integrations(config, &providers, &clock)?,
            variables: variables(&config.environment_variables),
            ..State::default()
        };
        let store = self.store(&initial, &clock)?;
        let signing_key = self.signing_key.clone().unwrap_or_else(|| DEV_SIGNING_KEY.to_owned());
        let configured = config.api_keys.iter().map(|one| (one.key.clone(), one.scopes.clone()));
        let keys = Keys::new(secret_key, signing_key, configured.chain(self.api_keys.iter().cloned()));
        let settings = Settings {
            webhook_urls,
            callback_url,
            on_auth_creation: config.webhooks.on_auth_creation,
            on_auth_refresh_error: config.webhooks.on_auth_refresh_error,
        };
        Ok(Arc::new(Core {
            clock,
            ids: Ids::new(self.seed),
            keys,
            environment: config.environment.clone(),
            providers,
            public_url,
            local_url,
            store: Arc::new(store),
            client: client()?,
            rate: RateLimit::new(self.rate_limit),
            listeners: Listeners::default(),
            runtime: Handle::current(),
            stop: watch::Sender::new(false),
            settings: Mutex::new(settings.clone()),
            faults: Mutex::new(Faults::default()),
            deliveries: Mutex::new(Log::default()),
            breaker: self.circuit_breaker.then(|| Mutex::new(Breaker::default())),
            initial: Initial { state: initial, settings },
            refreshing: Mutex::new(HashMap::new()),
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
            played: Some(true),
        };
        let wanted = match (&self.integrations, &config.integrations) {
            (Some(ids), _) => ids.iter().map(|id| plain(id)).collect(),
            (None, Some(configured)) => configured.clone(),
            (None, None) => DEMO.iter().map(|id| plain(id)).collect::<Vec<_>>(),
        };
        let now = clock.now();
        let make = |wanted: ConfiguredIntegration| {
            let Some(provider) = providers.get(&wanted.provider) else {
                let reason = format!("there is no provider {:?}", wanted.provider);
                return Err(EmulatorError::Setting { setting: "integrations", reason });
            };
            // Without a client of its own it cannot talk to the real provider anyway.
            let clientless = provider.auth_mode() == "OAUTH2" && wanted.credentials.is_none();
            let mut made = if wanted.played.unwrap_or(clientless) {
                Integration::played(&wanted.unique_key, provider, now)
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

    /// What the data file holds, or the beginning.
    fn store(&self, initial: &State, clock: &Clock) -> Result<Store, EmulatorError> {
        let (store, fresh) = Store::open(self.data_file.clone())?;
        let mut state = store.lock();
        for integration in &initial.integrations {
            if state.integration(&integration.unique_key).is_none() {
                state.integrations.push(integration.clone());
            }
        }
        if fresh {
            state.variables.clone_from(&initial.variables);
        }
        clock.set_offset(state.clock_offset);
        drop(state);
        Ok(store)
    }
}

fn variables(map: &Map<String, serde_json::Value>) -> Vec<Variable> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    map.iter().map(|(name, value)| Variable { name: name.clone(), value: text(value) }).collect()
}

fn client() -> Result<reqwest::Client, EmulatorError> {
    reqwest::Client::builder()
        // A proxy of the environment has no business between localhost and localhost.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(5))
        .referer(false)
        .build()
        .map_err(EmulatorError::Client)
}

fn check_url(setting: &'static str, text: &str) -> Result<String, EmulatorError> {
    let http = |url: Url| matches!(url.scheme(), "http" | "https");
    if Url::parse(text).is_ok_and(http) {
        return Ok(text.to_owned());
    }
    Err(EmulatorError::Setting { setting, reason: format!("{text:?} is no http(s) url") })
}

/// Nango refuses keys that are not UUID v4; one that could never work is a mistake.
fn check_secret(key: &str) -> Result<(), EmulatorError> {
    if is_key(key) {
        return Ok(());
    }
    let reason = "an API key is a UUID v4".to_owned();
    Err(EmulatorError::Setting { setting: "secret_key", reason })
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

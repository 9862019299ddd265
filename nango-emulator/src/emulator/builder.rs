//! What an emulator can be told before it starts.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::serve::ListenerExt as _;
use serde_json::Map;
use tokio::{net::TcpListener, runtime::Handle, sync::watch};
use url::Url;

use super::Emulator;
use crate::{
    app::{App, Core, Settings},
    clock::Clock,
    config::{Config, ConfiguredIntegration},
    control::{actions, faults::Faults},
    error::EmulatorError,
    http::{ratelimit::RateLimit, routes},
    ids::Ids,
    integrations::Integration,
    keys::{DEV_SECRET_KEY, DEV_SIGNING_KEY, Keys},
    oauth2::websocket::Listeners,
    providers::{Catalog, DEMO},
    state::{Variable, persist::Store},
    webhooks::{breaker::Breaker, log::Log},
};

/// Settings of an [`Emulator`]; every one has a default.
///
/// No `Debug`: it holds keys.
#[derive(Clone, Default)]
#[must_use = "nothing runs before `start`"]
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct EmulatorBuilder {
    listen: Option<String>,
    secret_key: Option<String>,
    signing_key: Option<String>,
    webhook_url: Option<String>,
    secondary_webhook_url: Option<String>,
    callback_url: Option<String>,
    public_url: Option<String>,
    config_file: Option<PathBuf>,
    providers_file: Option<PathBuf>,
    data_file: Option<PathBuf>,
    integrations: Option<Vec<String>>,
    api_keys: Vec<(String, Vec<String>)>,
    seed: Option<u64>,
    rate_limit: Option<u32>,
    circuit_breaker: bool,
}

impl EmulatorBuilder {
    /// Address and port, such as `127.0.0.1:3003`. Default: 127.0.0.1 and any free port.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// The API key, a UUID v4. Default: [`DEV_SECRET_KEY`].
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.secret_key = Some(key.into());
        self
    }

    /// The webhook signing key. Default: [`DEV_SIGNING_KEY`].
    pub fn signing_key(mut self, key: impl Into<String>) -> Self {
        self.signing_key = Some(key.into());
        self
    }

    /// Where webhooks go. Default: nowhere.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// The environment's second webhook URL, served after the first.
    pub fn secondary_webhook_url(mut self, url: impl Into<String>) -> Self {
        self.secondary_webhook_url = Some(url.into());
        self
    }

    /// The `redirect_uri` that providers get. Default: `{public url}/oauth/callback`.
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// What browsers call this server. Default: `http://localhost:{port}` on a loopback address.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// A JSON file with environment, providers, integrations and keys; see the README.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Provider templates in Nango's own YAML shape.
    pub fn providers_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.providers_file = Some(path.into());
        self
    }

    /// Keeps the state in this file. Default: in memory only.
    pub fn data_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_file = Some(path.into());
        self
    }

    /// Which integrations exist from the start, by provider name; they win over the configuration
    /// file's. Default: the demo's five.
    pub fn integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.integrations = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// A further API key with scopes of its own, such as `environment:connections:read`.
    pub fn api_key<S: Into<String>>(
        mut self,
        key: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.api_keys.push((key.into(), scopes.into_iter().map(Into::into).collect()));
        self
    }

    /// Makes ids and tokens the same in every run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Requests a minute, as a real Nango limits them (to 200). Default: no limit, no headers.
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// The circuit breaker for webhooks that Nango's cloud has and a self-hosted one without Redis
    /// has not. Default: off.
    pub fn circuit_breaker(mut self, on: bool) -> Self {
        self.circuit_breaker = on;
        self
    }

    /// Binds the address, reads the files and serves.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, a file cannot be read, or a setting is impossible.
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let config = self.config_file.as_deref().map(Config::read).transpose()?;
        let config = config.unwrap_or_default();
        let wanted = parse_address(self.listen.as_deref().unwrap_or("127.0.0.1:0"))?;
        let failed = |source| EmulatorError::Listen { address: wanted, source };
        let listener = bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let secret_key = self.secret_key.clone().unwrap_or_else(|| DEV_SECRET_KEY.to_owned());
        let app = self.app(&config, address, &secret_key)?;
        let listener = listener.tap_io(|stream| {
            // Small answers at once; failing to set it costs only time.
            let _ = stream.set_nodelay(true);
        });
        let mut stop = app.stop.subscribe();
        let serving = axum::serve(listener, routes::router(app.clone())).with_graceful_shutdown(async move {
            let _ = stop.wait_for(|stop| *stop).await;
        });
        let server = tokio::spawn(async move {
            if serving.await.is_err() {
                tracing::error!("the emulator's server ended");
            }
        });
        background(&app);
        Ok(Emulator { app, address, secret_key, server: Some(server) })
    }

    fn app(&self, config: &Config, address: SocketAddr, secret_key: &str) -> Result<App, EmulatorError> {
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
        let initial = self.initial(config, &providers, &clock)?;
        let store = self.store(config, &initial, &clock)?;
        let signing_key = self.signing_key.clone().unwrap_or_else(|| DEV_SIGNING_KEY.to_owned());
        let keys = Keys::new(secret_key, signing_key);
        let configured = config.api_keys.iter().map(|one| (one.key.clone(), one.scopes.clone()));
        for (key, scopes) in configured.chain(self.api_keys.iter().cloned()) {
            keys.add(key, scopes);
        }
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
            settings: Mutex::new(Settings {
                webhook_urls,
                callback_url,
                on_auth_creation: config.webhooks.on_auth_creation,
                on_auth_refresh_error: config.webhooks.on_auth_refresh_error,
            }),
            faults: Mutex::new(Faults::default()),
            deliveries: Mutex::new(Log::default()),
            breaker: self.circuit_breaker.then(|| Mutex::new(Breaker::default())),
            initial,
            refreshing: Mutex::new(HashMap::new()),
        }))
    }

    fn initial(
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
    fn store(&self, config: &Config, initial: &[Integration], clock: &Clock) -> Result<Store, EmulatorError> {
        let (store, fresh) = Store::open(self.data_file.clone())?;
        let mut state = store.lock();
        for integration in initial {
            if state.integration(&integration.unique_key).is_none() {
                state.integrations.push(integration.clone());
            }
        }
        if fresh {
            state.variables = variables(&config.environment_variables);
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

/// The tasks that live as long as the emulator.
fn background(app: &App) {
    const PERIOD: Duration = Duration::from_secs(600);
    let until_stopped = |app: &App, job: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let mut stop = app.stop.subscribe();
        app.runtime.spawn(async move {
            tokio::select! {
                () = job => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    };
    until_stopped(app, Box::pin(app.store.clone().keep_writing()));
    let cron = app.clone();
    let cron = async move {
        loop {
            cron.clock.sleep(PERIOD).await;
            actions::run_periodic_test(&cron).await;
        }
    };
    until_stopped(app, Box::pin(cron));
}

/// An emulator that was just dropped, or a process that was just killed, may need a moment to give
/// its port back.
async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..20 {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
    TcpListener::bind(address).await
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

fn parse_address(text: &str) -> Result<SocketAddr, EmulatorError> {
    let loopback = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    loopback.as_deref().unwrap_or(text).parse().map_err(|_| EmulatorError::Setting {
        setting: "listen",
        reason: format!("{text:?} is no address with a port"),
    })
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
    if uuid::Uuid::try_parse(key).is_ok_and(|uuid| key.len() == 36 && uuid.get_version_num() == 4) {
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

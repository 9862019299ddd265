//! What an emulator can be told before it starts.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::Emulator;
use crate::{
    app::App, config::Config, control::actions, error::EmulatorError, http::routes, keys::DEV_SECRET_KEY,
};

/// Settings of an [`Emulator`]; every one has a default.
///
/// No `Debug`: it holds keys.
#[derive(Clone, Default)]
#[must_use = "nothing runs before `start`"]
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct EmulatorBuilder {
    pub(super) listen: Option<String>,
    pub(super) secret_key: Option<String>,
    pub(super) signing_key: Option<String>,
    pub(super) webhook_url: Option<String>,
    pub(super) secondary_webhook_url: Option<String>,
    pub(super) callback_url: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) config_file: Option<PathBuf>,
    pub(super) providers_file: Option<PathBuf>,
    pub(super) data_file: Option<PathBuf>,
    pub(super) integrations: Option<Vec<String>>,
    pub(super) api_keys: Vec<(String, Vec<String>)>,
    pub(super) seed: Option<u64>,
    pub(super) rate_limit: Option<u32>,
    pub(super) circuit_breaker: bool,
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

    /// The webhook signing key. Default: [`DEV_SIGNING_KEY`](crate::DEV_SIGNING_KEY).
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

fn parse_address(text: &str) -> Result<SocketAddr, EmulatorError> {
    let loopback = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    loopback.as_deref().unwrap_or(text).parse().map_err(|_| EmulatorError::Setting {
        setting: "listen",
        reason: format!("{text:?} is no address with a port"),
    })
}

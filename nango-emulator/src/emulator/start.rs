//! Starting an emulator.

use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::builder::EmulatorBuilder;
use super::instance::Emulator;
use crate::app::App;
use crate::config::Config;
use crate::control::actions;
use crate::error::EmulatorError;
use crate::model::keys::DEV_SECRET_KEY;
use crate::router;
use crate::runs;

impl EmulatorBuilder {
    /// Binds the address, reads the files and serves requests.
    ///
    /// # Errors
    ///
    /// Fails if the address cannot be bound, a file cannot be read, or a setting is invalid.
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let config = self.config_file.as_deref().map(Config::read).transpose()?;
        let config = config.unwrap_or_default();
        let wanted = parse_address(self.listen.as_deref().unwrap_or("127.0.0.1:0"))?;
        let failed = |source| EmulatorError::Bind { address: wanted, source };
        let listener = bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let secret_key = self.secret_key.clone().unwrap_or_else(|| DEV_SECRET_KEY.to_owned());
        let app = self.app(&config, address, &secret_key)?;
        let listener = listener.tap_io(|stream| {
            // Sends small replies at once; without it they are only slower.
            let _ = stream.set_nodelay(true);
        });
        let mut stop = app.stop.subscribe();
        let serving = axum::serve(listener, router::router(app.clone())).with_graceful_shutdown(async move {
            let _ = stop.wait_for(|stop| *stop).await;
        });
        let server = tokio::spawn(async move {
            if serving.await.is_err() {
                tracing::error!("the HTTP server ended with an error; restart the emulator");
            }
        });
        start_tasks(&app);
        Ok(Emulator { app, address, secret_key, server: Some(server) })
    }
}

/// Starts the tasks that live as long as the emulator.
fn start_tasks(app: &App) {
    const PERIOD: Duration = Duration::from_secs(600);
    app.spawn(app.store.clone().write_in_background());
    app.spawn(runs::run_schedule(app.clone()));
    let cron = app.clone();
    app.spawn(async move {
        loop {
            cron.clock.sleep(PERIOD).await;
            actions::run_periodic_test(&cron).await;
        }
    });
}

/// Binds the address. Retries for a second: the port of an emulator that was just dropped, or of a
/// killed process, may not be free yet.
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
    loopback.as_deref().unwrap_or(text).parse().map_err(|_| EmulatorError::InvalidSetting {
        setting: "listen",
        reason: format!("{text:?} is not an address with a port, such as 127.0.0.1:3003"),
    })
}

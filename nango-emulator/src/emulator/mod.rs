//! The handle on a running emulator.

mod assemble;
mod builder;
mod flows;
mod handle;
mod holding;
mod settings;

use std::{net::SocketAddr, time::Duration};

use tokio::task::JoinHandle;

pub use builder::EmulatorBuilder;
pub use flows::{Connected, Credentials};

use crate::app::App;

/// A running Nango for localhost. It stops when this is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), nango_emulator::EmulatorError> {
/// use nango_emulator::{Credentials, Emulator};
///
/// let nango = Emulator::builder().start().await?;
/// // A test makes its session with the API key, exactly as it would at a real Nango …
/// # let token = nango.create_session(&[("end_user_id", "alice")]);
/// // … and finishes it without a browser.
/// let connected = nango.connect(&token, "openai", Credentials::api_key("sk-test")).await?;
/// assert_eq!(connected.integration, "openai");
/// # Ok(())
/// # }
/// ```
#[must_use = "an emulator stops when it is dropped"]
pub struct Emulator {
    app: App,
    address: SocketAddr,
    secret_key: String,
    server: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Starts with the defaults: any free port of 127.0.0.1, the development keys, the demo's
    /// integrations, nothing on disk, no webhooks.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// Stops accepting calls and waits, a few seconds at most, for those under way.
    pub async fn stop(mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        self.app.stop.send_replace(true);
        self.app.store.flush();
        if let Some(server) = self.server.take() {
            // A panic in the server has been reported where it happened.
            let _ = tokio::time::timeout(PATIENCE, server).await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.app.stop.send_replace(true);
        self.app.store.flush();
    }
}

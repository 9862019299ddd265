//! Running emulator.

use std::{net::SocketAddr, time::Duration};

use tokio::task::JoinHandle;

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
    pub(super) app: App,
    pub(super) address: SocketAddr,
    pub(super) secret_key: String,
    pub(super) server: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Stops accepting requests and waits up to five seconds for those in flight.
    pub async fn stop(mut self) {
        const STOP_TIMEOUT: Duration = Duration::from_secs(5);
        self.app.stop.send_replace(true);
        self.app.store.flush();
        if let Some(server) = self.server.take() {
            // The task reports its own panic.
            let _ = tokio::time::timeout(STOP_TIMEOUT, server).await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.app.stop.send_replace(true);
        self.app.store.flush();
    }
}

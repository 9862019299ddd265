//! A running emulator, its settings that can change, and replies that are held back.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::app::App;
use crate::model::HeldCall;

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

debug_only!(Emulator { address });

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

impl Emulator {
    /// Replaces the primary webhook URL.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// nango.set_webhook_url("http://127.0.0.1:3000/nango/webhook");
    /// nango.set_secondary_webhook_url("http://127.0.0.1:3001/nango/webhook");
    /// nango.set_callback_url("http://127.0.0.1:3000/nango/oauth-callback");
    /// nango.set_on_auth_creation(false); // as the switches of the environment's settings
    /// nango.set_on_auth_refresh_error(false);
    /// nango.add_api_key("5ce5a1f0-0000-4000-8000-000000000001", &["environment:connections:read"]);
    /// nango.clear_webhook_urls();
    /// nango.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        let url = url.into();
        match settings.webhook_urls.first_mut() {
            Some(first) => *first = url,
            None => settings.webhook_urls.push(url),
        }
    }

    /// Removes all webhook URLs, so that no webhook is sent.
    pub fn clear_webhook_urls(&self) {
        self.app.settings().webhook_urls.clear();
    }

    /// Replaces the `redirect_uri` for providers.
    pub fn set_callback_url(&self, url: impl Into<String>) {
        self.app.settings().callback_url = url.into();
    }

    /// Replaces the secondary webhook URL. It receives each webhook after the first URL is done.
    pub fn set_secondary_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        settings.webhook_urls.truncate(1);
        settings.webhook_urls.push(url.into());
    }

    /// Enables or disables webhooks for created connections and failed flows. Reconnects always
    /// send one.
    pub fn set_on_auth_creation(&self, on: bool) {
        self.app.settings().on_auth_creation = on;
    }

    /// Enables or disables webhooks for failed refreshes and key tests.
    pub fn set_on_auth_refresh_error(&self, on: bool) {
        self.app.settings().on_auth_refresh_error = on;
    }

    /// Adds an API key, a UUID v4, with scopes such as `environment:connections:read`.
    pub fn add_api_key(&self, key: impl Into<String>, scopes: &[&str]) {
        self.app.keys.add(key.into(), scopes.iter().map(|&scope| scope.to_owned()).collect());
    }
}

impl Emulator {
    /// Returns the calls whose replies are [held back](crate::CallFaults::hold), in the order in
    /// which the replies were computed.
    pub fn held_calls(&self) -> Vec<HeldCall> {
        self.app.faults().held_calls.all()
    }

    /// Waits until at least `count` replies are held back. Returns their calls.
    pub async fn wait_for_held_calls(&self, count: usize) -> Vec<HeldCall> {
        let changed = self.app.faults().held_calls.changed();
        loop {
            // Registered before the calls are counted, so that a call in between is not missed.
            let mut change = pin!(changed.notified());
            change.as_mut().enable();
            let held = self.held_calls();
            if held.len() >= count {
                return held;
            }
            change.await;
        }
    }

    /// Releases a held reply. Returns false if the call is not held, for example because its client
    /// disconnected.
    pub fn release_call(&self, id: u64) -> bool {
        self.app.faults().held_calls.release(id)
    }

    /// Releases all held replies, oldest first. Returns their number.
    pub fn release_calls(&self) -> usize {
        self.app.faults().held_calls.release_all()
    }
}

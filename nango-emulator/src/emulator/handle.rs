//! Methods of a running emulator.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::instance::Emulator;
use crate::control::actions;
use crate::error::EmulatorError;
use crate::model::{Account, CallFaults, Delivery, DeliveryState, Tags, WebhookFault};
use crate::oauth2::accounts;
use crate::sessions;
use crate::time::system_time;

impl Emulator {
    /// Returns the URL under which browsers and API clients reach this server, without a slash at
    /// the end.
    pub fn url(&self) -> &str {
        &self.app.public_url
    }

    /// Returns the URL with this server's address, for clients that do not resolve `localhost`.
    pub fn local_url(&self) -> &str {
        &self.app.local_url
    }

    /// Returns the API key.
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Returns the form in which the emulated providers' echo shows an `Authorization` header, such
    /// as `Bearer masked-0123456789abcdef`. The same credential has the same mask.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// assert!(nango.masked("Bearer secret").starts_with("Bearer masked-"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn masked(&self, authorization: &str) -> String {
        self.app.masks.header(authorization)
    }

    /// Returns the current webhook signing key.
    pub fn signing_key(&self) -> String {
        self.app.keys.signing_key()
    }

    /// Returns the URL of the Connect UI, to which `?session_token=` can be added.
    pub fn connect_url(&self) -> String {
        format!("{}/connect/", self.app.public_url)
    }

    /// Returns the primary webhook URL, if there is one.
    pub fn webhook_url(&self) -> Option<String> {
        self.app.settings().webhook_urls.first().cloned()
    }

    /// Creates a connect session for all integrations and returns its token. Does not check the
    /// tags.
    #[must_use = "a session is reached by its token only"]
    pub fn create_session(&self, tags: &[(&str, &str)]) -> String {
        let tags = tags.iter().map(|&(key, value)| (key.to_lowercase(), Value::from(value)));
        sessions::create_stored(&self.app, tags.collect::<Tags>())
    }

    /// Returns all webhooks, oldest first, with their attempts.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.deliveries().all()
    }

    /// Waits until no webhook is in flight. Returns false if `timeout` passes first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// use std::time::Duration;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// nango.delay_next(1, Duration::from_secs(2));
    /// nango.duplicate_next(1);
    /// nango.forge_next(1);
    /// nango.reorder_next(2);
    /// // Connections that are made and broken now cause such webhooks. At the end of a test:
    /// nango.clear_faults();
    /// assert!(nango.wait_for_deliveries(Duration::from_secs(10)).await);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "webhooks may still be in flight"]
    pub async fn wait_for_deliveries(&self, timeout: Duration) -> bool {
        let settled = async {
            while self.deliveries().iter().any(|one| one.state == DeliveryState::Pending) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(timeout, settled).await.is_ok()
    }

    /// Drops the next `count` webhooks.
    pub fn drop_next(&self, count: u32) {
        self.app.faults().add_webhook_faults(WebhookFault::Drop, count);
    }

    /// Delays the next `count` webhooks.
    pub fn delay_next(&self, count: u32, by: Duration) {
        self.app.faults().add_webhook_faults(WebhookFault::Delay(by), count);
    }

    /// Sends the next `count` webhooks twice.
    pub fn duplicate_next(&self, count: u32) {
        self.app.faults().add_webhook_faults(WebhookFault::Duplicate, count);
    }

    /// Signs the next `count` webhooks with a wrong key.
    pub fn forge_next(&self, count: u32) {
        self.app.faults().add_webhook_faults(WebhookFault::Forge, count);
    }

    /// Holds the next `count` webhooks back and sends them in reverse order once all are there.
    pub fn reorder_next(&self, count: u32) {
        self.app.faults().add_webhook_faults(WebhookFault::Reorder { last: false }, count);
    }

    /// Adds a fault for the next API calls.
    pub fn fail_calls(&self, faults: CallFaults) {
        self.app.faults().add_call_faults(faults);
    }

    /// Makes the provider reject a connection's credentials. Nango notices at once: the connection
    /// gets an `auth` error, and a `refresh` webhook is sent.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub async fn revoke(&self, integration: &str, connection_id: &str) -> Result<(), EmulatorError> {
        Ok(actions::revoke(&self.app, integration, connection_id, true).await?)
    }

    /// Makes the provider reject a connection's credentials. Nango notices at its next refresh or
    /// test.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::{Credentials, Emulator};
    ///
    /// let nango = Emulator::builder().start().await?;
    /// # let token = nango.create_session(&[]);
    /// let connected = nango.connect(&token, "slack", Credentials::oauth2()).await?;
    /// let id = &connected.connection_id;
    /// nango.revoke_unnoticed("slack", id).await?;
    /// nango.expire_token("slack", id)?; // the next call refreshes it, in vain
    /// nango.restore("slack", id).await?;
    ///
    /// nango.advance(std::time::Duration::from_secs(25 * 60 * 60));
    /// nango.run_periodic_test().await; // of connections that were not used for a day
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub async fn revoke_unnoticed(
        &self,
        integration: &str,
        connection_id: &str,
    ) -> Result<(), EmulatorError> {
        Ok(actions::revoke(&self.app, integration, connection_id, false).await?)
    }

    /// Makes the provider accept a connection's credentials again. Nango notices at once and
    /// removes the error. As with a real Nango, this sends no webhook.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub async fn restore(&self, integration: &str, connection_id: &str) -> Result<(), EmulatorError> {
        Ok(actions::restore(&self.app, integration, connection_id).await?)
    }

    /// Sets the account at the emulated provider that a connection's credentials belong to: the one
    /// that the provider's well-known endpoints name, such as Slack's `auth.test`. It stays the
    /// same when the token is refreshed. A token that was imported is accepted from then on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), nango_emulator::EmulatorError> {
    /// use nango_emulator::{Account, Credentials, Emulator};
    ///
    /// let nango = Emulator::builder().start().await?;
    /// # let token = nango.create_session(&[]);
    /// let work = Credentials::oauth2().account(Account::new("anna.work@example.com"));
    /// let connected = nango.connect(&token, "slack", work).await?;
    /// // Later, or for a connection that was imported:
    /// let account = Account::new("ben@example.com").team("Acme");
    /// nango.set_account("slack", &connected.connection_id, &account)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub fn set_account(
        &self,
        integration: &str,
        connection_id: &str,
        account: &Account,
    ) -> Result<(), EmulatorError> {
        if accounts::set(&self.app, integration, connection_id, account) {
            return Ok(());
        }
        Err(EmulatorError::NotFound { what: "connection" })
    }

    /// Expires a connection's access token now.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub fn expire_token(&self, integration: &str, id: &str) -> Result<(), EmulatorError> {
        Ok(actions::expire(&self.app, integration, id)?)
    }

    /// Returns the emulator's time.
    pub fn now(&self) -> SystemTime {
        system_time(self.app.clock.now())
    }

    /// Advances the emulator's time: sessions and tokens expire, webhook retries become due.
    pub fn advance(&self, by: Duration) {
        actions::advance(&self.app, by);
    }

    /// Runs Nango's periodic refresh and key test now, for connections without a fetch for a day.
    pub async fn run_periodic_test(&self) {
        actions::run_periodic_test(&self.app).await;
    }

    /// Imports `count` connections without webhooks, and without starting syncs. `{n}` in the
    /// connection id and in tag values counts from 1. Returns the number of all connections.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] if the integration is unknown or the tags break Nango's rules.
    pub fn import_many(
        &self,
        integration: &str,
        count: u32,
        connection_id: &str,
        tags: &[(&str, &str)],
    ) -> Result<usize, EmulatorError> {
        let tags: Map<_, _> = tags.iter().map(|&(key, value)| (key.to_owned(), Value::from(value))).collect();
        actions::import_many(&self.app, integration, count, connection_id, &tags, None)
            .map_err(|refusal| EmulatorError::Refused { code: refusal.error_code().to_owned() })
    }

    /// Replaces the signing key. The next `overlap` deliveries alternate between old and new key,
    /// as while a rotation reaches several servers.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// nango.rotate_signing_key("new-key", 4); // the next four webhooks alternate
    /// assert_eq!(nango.signing_key(), "new-key");
    /// nango.reset(); // back to the builder's state, for the next test
    /// # Ok(())
    /// # }
    /// ```
    pub fn rotate_signing_key(&self, new: impl Into<String>, overlap: u32) {
        self.app.keys.rotate(new.into(), overlap);
    }

    /// Removes the faults that have not taken effect, and releases all held replies.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// Restores the state of the builder and its files. Removes connections, sessions, deliveries,
    /// faults, the clock's offset, and changes of settings and keys.
    pub fn reset(&self) {
        self.app.reset();
    }
}

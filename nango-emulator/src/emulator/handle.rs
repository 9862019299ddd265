//! What a running emulator can be asked and told.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Emulator;
use crate::{
    control::{
        actions,
        faults::{CallFaults, WebhookFault},
    },
    error::EmulatorError,
    sessions,
    tags::Tags,
    webhooks::log::{Delivery, DeliveryState},
};

impl Emulator {
    /// What browsers and API clients call this server; no slash at its end.
    pub fn url(&self) -> &str {
        &self.app.public_url
    }

    /// The same server by its address, for clients that do not resolve `localhost`.
    pub fn local_url(&self) -> &str {
        &self.app.local_url
    }

    /// The API key.
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// The key that webhooks are signed with now.
    pub fn signing_key(&self) -> String {
        self.app.keys.signing_key()
    }

    /// The Connect UI, to which `?session_token=` can be added.
    pub fn connect_url(&self) -> String {
        format!("{}/connect/", self.app.public_url)
    }

    /// Where webhooks go, when they go anywhere.
    pub fn webhook_url(&self) -> Option<String> {
        self.app.settings().webhook_urls.first().cloned()
    }

    /// A connect session with these tags for all integrations, as `POST /connect/sessions` makes
    /// it. Tags are taken as they are.
    pub fn create_session(&self, tags: &[(&str, &str)]) -> String {
        let tags = tags.iter().map(|&(key, value)| (key.to_lowercase(), Value::from(value)));
        sessions::make(&self.app, tags.collect::<Tags>())
    }

    /// Every webhook so far, oldest first, with its attempts.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.deliveries().all()
    }

    /// Waits until no webhook is under way, at most for `limit`. True when that is so.
    pub async fn deliveries_settled(&self, limit: Duration) -> bool {
        let settled = async {
            while self.deliveries().iter().any(|one| one.state == DeliveryState::Pending) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(limit, settled).await.is_ok()
    }

    /// Loses the next `count` webhooks.
    pub fn drop_next(&self, count: u32) {
        self.app.faults().webhooks(WebhookFault::Drop, count);
    }

    /// Sends the next `count` webhooks so much later.
    pub fn delay_next(&self, count: u32, by: Duration) {
        self.app.faults().webhooks(WebhookFault::Delay(by), count);
    }

    /// Sends the next `count` webhooks twice.
    pub fn duplicate_next(&self, count: u32) {
        self.app.faults().webhooks(WebhookFault::Duplicate, count);
    }

    /// Signs the next `count` webhooks with a wrong key.
    pub fn forge_next(&self, count: u32) {
        self.app.faults().webhooks(WebhookFault::Forge, count);
    }

    /// Holds the next `count` webhooks back and sends them in reverse order once all are there.
    pub fn reorder_next(&self, count: u32) {
        self.app.faults().webhooks(WebhookFault::Reorder { last: false }, count);
    }

    /// Answers coming API calls with a status, late, or not at all.
    pub fn fail_calls(&self, faults: CallFaults) {
        self.app.faults().calls(faults);
    }

    /// The provider stops honouring a connection's credentials, and Nango notices at once: an
    /// `auth` error on the connection, a `refresh` webhook.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Unknown`] when there is no such connection.
    pub async fn revoke(&self, integration: &str, connection_id: &str) -> Result<(), EmulatorError> {
        let done = actions::revoke(&self.app, integration, connection_id, true).await;
        done.map_err(|_| EmulatorError::Unknown { what: "connection" })
    }

    /// The provider stops honouring a connection's credentials; Nango learns of it when it next
    /// refreshes or tests them.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Unknown`] when there is no such connection.
    pub async fn revoke_unnoticed(
        &self,
        integration: &str,
        connection_id: &str,
    ) -> Result<(), EmulatorError> {
        let done = actions::revoke(&self.app, integration, connection_id, false).await;
        done.map_err(|_| EmulatorError::Unknown { what: "connection" })
    }

    /// The provider honours a connection's credentials again, and Nango notices at once: the error is gone. As at a real
    /// Nango, no webhook tells of it.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Unknown`] when there is no such connection.
    pub async fn restore(&self, integration: &str, connection_id: &str) -> Result<(), EmulatorError> {
        let done = actions::restore(&self.app, integration, connection_id).await;
        done.map_err(|_| EmulatorError::Unknown { what: "connection" })
    }

    /// A connection's access token expires now.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Unknown`] when there is no such connection.
    pub fn expire_token(&self, integration: &str, id: &str) -> Result<(), EmulatorError> {
        let done = actions::expire(&self.app, integration, id);
        done.map_err(|_| EmulatorError::Unknown { what: "connection" })
    }

    /// The emulator's time.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Moves the emulator's time forward: sessions and tokens expire, webhook retries become due.
    pub fn advance(&self, by: Duration) {
        actions::advance(&self.app, by);
    }

    /// Nango's periodic refresh and key test, now: of connections nobody fetched for a day.
    pub async fn run_periodic_test(&self) {
        actions::run_periodic_test(&self.app).await;
    }

    /// Makes `count` connections without webhooks. `{n}` in the connection id and in tag values
    /// counts from 1. Gives the number of all connections.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] when the integration is unknown or the tags break Nango's rules.
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

    /// Signs with a new key; the next `overlap` deliveries take turns between old and new, as
    /// happens while several servers learn of a rotation.
    pub fn rotate_signing_key(&self, new: impl Into<String>, overlap: u32) {
        self.app.keys.rotate(new.into(), overlap);
    }

    /// Takes back all faults that have not happened yet, and lets go all answers that are held back.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// Forgets everything but what the builder and its files said: connections, sessions, deliveries,
    /// faults, the clock's offset, and settings and keys changed since.
    pub fn reset(&self) {
        self.app.reset();
    }
}

//! Persistent state of the emulator, the settings that can be changed, and the WebSockets of browsers
//! that wait for the end of a flow.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

use super::account::Accounts;
use super::connections::Connections;
use super::expiring::Expiring;
use super::functions::{Functions, Invocations, Records, Syncs};
use super::integration::Integration;
use super::session::{Flow, Grants, Session};

use crate::lock::lock;

/// State that survives a restart if there is a data file.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) integrations: Vec<Integration>,
    pub(crate) connections: Connections,
    pub(crate) sessions: Expiring<Session>,
    /// OAuth2 flows in progress, by `state`. Each is removed on first use.
    pub(crate) flows: Expiring<Flow>,
    /// Codes and tokens of the built-in provider.
    pub(crate) grants: Grants,
    /// Accounts at emulated providers.
    #[serde(default)]
    pub(crate) accounts: Accounts,
    pub(crate) variables: Vec<Variable>,
    /// Offset of the clock, in milliseconds.
    pub(crate) clock_offset: i64,
    /// Deployed functions.
    #[serde(default)]
    pub(crate) functions: Functions,
    #[serde(default)]
    pub(crate) records: Records,
    #[serde(default)]
    pub(crate) syncs: Syncs,
    /// Results of asynchronous actions.
    #[serde(default)]
    pub(crate) invocations: Invocations,
}

/// Variable of the Nango environment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl State {
    pub(crate) fn integration(&self, unique_key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|one| one.unique_key == unique_key)
    }

    /// Returns a session that has not expired.
    pub(crate) fn session(&self, token: &str, now: Timestamp) -> Option<&Session> {
        self.sessions.get(token).filter(|session| now < session.expires_at)
    }
}

/// The environment's webhook and callback settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Primary, then secondary.
    pub(crate) webhook_urls: Vec<String>,
    pub(crate) callback_url: String,
    pub(crate) on_auth_creation: bool,
    pub(crate) on_auth_refresh_error: bool,
    pub(crate) on_async_action_completion: bool,
    /// Also sends webhooks of runs without changes.
    pub(crate) on_sync_completion_always: bool,
    pub(crate) on_sync_error: bool,
}

/// Senders to the open WebSockets, by `ws_client_id`.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<HashMap<String, mpsc::Sender<String>>>);

impl Listeners {
    pub(crate) fn add(&self, ws_client_id: String) -> mpsc::Receiver<String> {
        let (sender, messages) = mpsc::channel(1);
        lock(&self.0).insert(ws_client_id, sender);
        messages
    }

    pub(crate) fn remove(&self, ws_client_id: &str) -> Option<mpsc::Sender<String>> {
        lock(&self.0).remove(ws_client_id)
    }

    /// Sends `message` and removes the listener: each gets one message.
    pub(crate) fn send(&self, ws_client_id: Option<&str>, message: &Value) {
        if let Some(listener) = ws_client_id.and_then(|id| self.remove(id)) {
            // The channel holds one message, and a listener gets only one.
            let _ = listener.try_send(message.to_string());
        }
    }
}

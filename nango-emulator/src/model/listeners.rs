//! WebSockets of browsers that wait for the end of an OAuth2 flow.

use std::{collections::HashMap, sync::Mutex};

use serde_json::Value;
use tokio::sync::mpsc;

use crate::lock::lock;

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

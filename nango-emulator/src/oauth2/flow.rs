//! A flow between the redirect to the provider and its return, and how it can fail.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::token::Client;
use crate::sessions::Session;

/// Kept under its `state`, which works once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) session: Session,
    pub(crate) integration: String,
    pub(crate) connection_id: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) code_verifier: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) ws_client_id: Option<String>,
    /// `credentials[oauth_client_id_override]` and its kin.
    pub(crate) client_override: Option<Client>,
}

/// A failure that the popup and, when somebody listens, the WebSocket tell of.
#[derive(Debug)]
pub(crate) struct FlowError {
    /// The WebSocket's `error_type`.
    pub(crate) ws_type: &'static str,
    /// The webhook's `error.type`; `None` when the flow never reached the callback.
    pub(crate) webhook_type: Option<&'static str>,
    pub(crate) description: String,
}

impl FlowError {
    /// Before the popup was sent to the provider: no webhook.
    pub(crate) fn early(ws_type: &'static str, description: impl Into<String>) -> Self {
        Self { ws_type, webhook_type: None, description: description.into() }
    }
}

//! Errors of OAuth2 flows.

/// Error of a flow, shown by the popup and sent to the WebSocket.
#[derive(Debug)]
pub(crate) struct FlowError {
    /// The WebSocket's `error_type`.
    pub(crate) ws_type: &'static str,
    /// The webhook's `error.type`; `None` if the flow did not reach the callback.
    pub(crate) webhook_type: Option<&'static str>,
    pub(crate) description: String,
}

impl FlowError {
    /// Creates an error of the time before the redirect to the provider, which sends no webhook.
    pub(crate) fn before_redirect(ws_type: &'static str, description: impl Into<String>) -> Self {
        Self { ws_type, webhook_type: None, description: description.into() }
    }
}

//! OAuth2 flows between the redirect to the provider and its callback.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{integration::Integration, session::Session};

/// Flow in progress, stored under its single-use `state`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) session: Session,
    pub(crate) integration: String,
    pub(crate) connection_id: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) code_verifier: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) ws_client_id: Option<String>,
    /// Client of the query parameters `credentials[oauth_client_id_override]` and
    /// `credentials[oauth_client_secret_override]`.
    pub(crate) client_override: Option<Client>,
}

/// Client with which Nango authenticates to the provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(..)")
    }
}

impl Client {
    /// Returns the integration's client, with a connection's `config_override` laid over it.
    pub(crate) fn of(integration: &Integration, config_override: Option<&Value>) -> Self {
        let text = |name: &str| {
            let own = config_override.and_then(|over| over.get(name)).and_then(Value::as_str);
            own.or_else(|| integration.credential(name)).unwrap_or_default().to_owned()
        };
        Self { id: text("client_id"), secret: text("client_secret") }
    }
}

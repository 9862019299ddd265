//! The state that all connections share.

use std::sync::Arc;

use nango_client::SessionDefaults;

use super::handle_keys::HandleKeys;
use crate::engine::Engine;
use crate::owner::Owner;

/// The engine, and the app's choices for connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) settings: Arc<ConnectionSettings>,
}

/// The app's choices for connections.
pub(crate) struct ConnectionSettings {
    pub(crate) handle_keys: HandleKeys,
    pub(crate) session_defaults: Box<dyn Fn(&Owner) -> SessionDefaults + Send + Sync>,
}

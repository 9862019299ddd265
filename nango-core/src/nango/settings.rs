//! The app's choices for the handle and its routes.

use nango_client::SigningKeys;

use super::limits::{SessionLimit, SyncLimit};

/// The app's choices for the handle and its routes.
pub(crate) struct Settings {
    pub(crate) allowed_integrations: Vec<String>,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) trusted_origins: Vec<String>,
    /// The largest delivery that is read, in bytes.
    pub(crate) webhook_limit: usize,
    pub(crate) session_limit: SessionLimit,
    pub(crate) sync_limit: SyncLimit,
}

impl Settings {
    pub(crate) fn trusts_origin(&self, origin: &str) -> bool {
        self.trusted_origins.iter().any(|trusted| trusted.eq_ignore_ascii_case(origin))
    }
}

//! Settings that can be changed while the emulator runs.

/// The environment's webhook and callback settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Primary, then secondary.
    pub(crate) webhook_urls: Vec<String>,
    pub(crate) callback_url: String,
    pub(crate) on_auth_creation: bool,
    pub(crate) on_auth_refresh_error: bool,
}

//! `/connect/sessions`.

mod defaults;
mod info;
mod session;

#[cfg(test)]
pub(super) use session::Created;

pub use defaults::{IntegrationDefaults, SessionDefaults};
pub use info::{ConnectUiSettings, SessionInfo};
pub use session::{ConnectLink, ConnectSession, SessionToken};

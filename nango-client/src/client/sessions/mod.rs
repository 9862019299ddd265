//! `/connect/sessions`.

mod defaults;
mod session;

pub use defaults::{IntegrationDefaults, SessionDefaults};
pub use session::{ConnectLink, ConnectSession, SessionToken};

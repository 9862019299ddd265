//! Notifications of the app.

mod bridge;
mod handler;
mod notifications;

pub use handler::WebhookHandler;
pub use notifications::{ConnectFailed, ConnectionChanged, Misattributed};

pub(crate) use bridge::Bridge;

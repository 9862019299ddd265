//! Notifications of the app.

mod bridge;
mod handler;

pub use handler::{ConnectFailed, ConnectionChanged, Misattributed, WebhookHandler};

pub(crate) use bridge::Bridge;

//! Notifications of the app.

mod bridge;
mod handler;

pub use handler::{ConnectFailed, ConnectionChanged, Misattributed, PreviousState, WebhookHandler};

pub(crate) use bridge::{Asking, Bridge, LabelFn};

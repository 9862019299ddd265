//! Webhooks from Nango: are they genuine, and what do they say. Nothing here touches a store.

mod delivery;
mod handler;
mod signature;

pub use delivery::{AsyncActionEvent, AuthEvent, AuthFailure, Delivery, ForwardEvent, Operation, SyncEvent};
pub use handler::{ConnectFailed, ConnectionChanged, Misattributed, WebhookHandler};
pub use signature::{SIGNATURE_HEADER, SignatureError, SigningKeys, Verified};

pub(crate) use signature::Signature;

//! Webhooks from Nango: their signature, and their content by type.

mod delivery;
mod events;
mod signature;
mod signing_keys;

pub use delivery::Delivery;
pub use events::{AsyncActionEvent, AuthEvent, AuthFailure, ForwardEvent, Operation, SyncEvent};
pub use signature::{SIGNATURE_HEADER, Signature, SignatureError};
pub use signing_keys::{SigningKeys, Verified};

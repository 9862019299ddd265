//! Webhooks from Nango: their signature, and their content by type.

mod action;
mod auth;
mod checkpoints;
mod delivery;
mod failure;
mod forward;
mod lenient;
#[cfg(test)]
mod recordings;
mod signature;
mod signing_keys;
mod sync;

pub use action::AsyncActionEvent;
pub use auth::{AuthEvent, AuthFailure, Operation};
pub use checkpoints::SyncCheckpoints;
pub use delivery::Delivery;
pub use failure::{SyncFailure, SyncFailureCause, ThrownError};
pub use forward::{ForwardEvent, PayloadError};
pub use signature::{SIGNATURE_HEADER, Signature, SignatureError};
pub use signing_keys::{SigningKeys, Verified};
pub use sync::{SyncEvent, SyncRunKind};

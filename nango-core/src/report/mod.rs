//! Failures that no caller sees: the app's hook, and logs at a bounded rate.

mod failure;
mod reporter;
mod throttle;

pub use failure::{BackgroundFailure, HandlerError};

pub(crate) use reporter::{Hook, Reporter};

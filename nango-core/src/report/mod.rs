//! Failures that no caller sees: the app's hook, and logs at a bounded rate.

mod failure;
mod handler_error;
mod reporter;
mod texts;
mod throttle;

pub use failure::BackgroundFailure;
pub use handler_error::HandlerError;

pub(crate) use reporter::{Hook, Reporter};

//! Attempts to connect: the signed text that names one, and the browser's proof that it began one.

mod cookie;
mod keys;
mod text;

pub use cookie::CookieFault;

pub(crate) use cookie::CallbackGuard;
pub(crate) use keys::AttemptKeys;
pub(crate) use text::{AttemptId, AttemptText, Target};

//! The one error of all calls to Nango, and its causes.

mod cause;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod error;
mod inner;
mod kind;
mod network;
mod text;

pub use cause::{Cause, InvalidField, TlsFailure};
pub use error::Error;
pub use kind::ErrorKind;

pub(crate) use network::Findings;

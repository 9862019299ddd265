//! Failures of the app's handler.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::boxed::BoxError;

/// The failure of a call of the app's handler.
///
/// The text of an error that the handler returned is the app's: it is logged, so personal data does
/// not belong in it.
#[derive(Clone)]
#[non_exhaustive]
pub enum HandlerError {
    /// The handler exceeded its time: five seconds, or the `time_limit` of the event worker.
    Deadline,
    /// The handler returned an error.
    Failed(Arc<dyn StdError + Send + Sync>),
    /// The handle of the worker has no handler.
    Missing,
    /// The handler panicked.
    Panicked,
}

impl HandlerError {
    pub(crate) fn failed(error: BoxError) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline => {
                f.write_str("it exceeded its time; hand long work to a queue of the app's, or raise the event worker's `time_limit`")
            }
            Self::Failed(error) => error.fmt(f),
            Self::Missing => {
                f.write_str("there is none; add `.handler(..)` to the builder of the process that handles events")
            }
            Self::Panicked => {
                f.write_str("it panicked; the panic's message is in the program's error output")
            }
        }
    }
}

impl StdError for HandlerError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Deadline | Self::Missing | Self::Panicked => None,
        }
    }
}

nango_client::__debug_as_display!(HandlerError);

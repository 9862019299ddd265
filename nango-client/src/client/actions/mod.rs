//! `/action`: running the app's actions.

mod outcome;
mod result;
mod run;

pub use outcome::{ActionFailure, ActionFailureKind, ActionOutcome, ProviderReply};
pub use result::ActionResult;
pub use run::{RunAction, StartedAction};

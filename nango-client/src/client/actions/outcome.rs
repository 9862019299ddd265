//! Outcomes of actions.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::client::reply::{Reply, reply, words};
use crate::error::{Cause, Error, ErrorKind};
use crate::transport::{Details, Failure};

/// The outcome of an action.
#[derive(Clone)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "callers have to handle every outcome")]
pub enum ActionOutcome<T> {
    /// The action has ended with this output.
    Done(T),
    /// The action has ended with a failure.
    Failed(ActionFailure),
    /// It is unknown whether the action has run, runs, or will run: the call timed out or broke off, Nango
    /// answered before it knew the outcome, or it has no result of an asynchronous action (yet). The
    /// error says which.
    ///
    /// Do not run the action again without a thought: it may have had its effect.
    Unknown(Error),
}

/// Shows the outcome without the output.
impl<T> fmt::Debug for ActionOutcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(_) => f.write_str("Done"),
            Self::Failed(failure) => f.debug_tuple("Failed").field(failure).finish(),
            Self::Unknown(error) => f.debug_tuple("Unknown").field(error).finish(),
        }
    }
}

impl<T> ActionOutcome<T> {
    /// Returns the output.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ScriptFailed`] when the action has failed, and any error when the outcome is unknown.
    pub fn output(self) -> Result<T, Error> {
        match self {
            Self::Done(output) => Ok(output),
            Self::Failed(failure) => Err(failure.error),
            Self::Unknown(error) => Err(error),
        }
    }
}

/// The failure of an action that has run.
#[derive(Clone)]
#[non_exhaustive]
pub struct ActionFailure {
    /// The kind of the failure.
    pub kind: ActionFailureKind,
    /// The details. Of an `ActionError` they are those that the action has thrown, as an object; of any other
    /// error its `name`, `message` and `stacktrace`; of a failed HTTP call the body of the provider.
    pub payload: Option<Value>,
    /// The provider's reply, if an HTTP call of the action has failed.
    pub upstream: Option<Box<ProviderReply>>,
    error: Error,
}

crate::__debug_only!(ActionFailure { kind });

words! {
    /// Kinds of an [`ActionFailure`].
    ActionFailureKind {
        /// An HTTP call of the action has failed.
        Http = "script_http_error",
        /// The action has thrown an error that it does not mean to be seen.
        Internal = "script_internal_error",
        /// The action has thrown an `ActionError`.
        Thrown = "action_script_runtime_error",
    }
}

reply! {
    /// The reply of a provider to a call that a function has made.
    #[derive(Clone, PartialEq)]
    ProviderReply {
        /// The status.
        status: u64,
        /// The headers that Nango passes on.
        #[serde(default)]
        headers: Map<String, Value>,
        /// The body.
        body: Option<Value>,
    }
}

crate::__debug_only!(ProviderReply { status });

/// Reads the output of an action, which is `null` where it has none.
pub(super) fn output_in<T: DeserializeOwned>(output: &RawValue) -> Result<T, Error> {
    serde_json::from_str(output.get()).map_err(|_| Error::new(ErrorKind::Decode))
}

impl ActionFailure {
    /// Reads a failure, if it is the action's own.
    pub(super) fn read(failure: Failure) -> Result<Self, Error> {
        let Failure { error, details } = failure;
        match (error.kind(), error.code()) {
            (ErrorKind::ScriptFailed, Some(code)) => {
                let Details { payload, upstream } = details.unwrap_or_default();
                let upstream: Option<Reply<ProviderReply>> = upstream.as_deref().and_then(json_in);
                Ok(Self {
                    kind: code.to_owned().into(),
                    payload: payload.as_deref().and_then(json_in),
                    upstream: upstream.map(|Reply(upstream)| Box::new(upstream)),
                    error,
                })
            }
            _ => Err(error),
        }
    }
}

/// Returns a part of a failure, if it can be read.
fn json_in<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Option<T> {
    serde_json::from_str(text.get()).ok()
}

/// Returns `true` if Nango did not know the outcome itself: a failing action may be reported before the
/// state that has its failure is committed (observed on 0.71.4).
pub(super) fn is_unknown_to_nango(error: &Error) -> bool {
    error.code() == Some("action_script_failure")
}

/// Returns `true` if an action may have run although the call failed with this error.
pub(super) fn may_have_run(error: &Error) -> bool {
    let is_of_another_server = matches!(error.cause(), Some(Cause::NotNango { status: ..500 }));
    error.kind() == ErrorKind::Unavailable && !error.is_unsent() && !is_of_another_server
}

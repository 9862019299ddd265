//! Failures of a function's code.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A failure of an action's or a sync's code, of one of the three kinds that Nango tells apart.
///
/// A text becomes an error that the code has thrown:
///
/// ```
/// use nango_emulator::FunctionError;
/// use serde_json::json;
///
/// let thrown = FunctionError::from("no comments today");
/// let reported = FunctionError::action(json!({ "code": 42 }));
/// let upstream = FunctionError::http(429, json!({ "message": "slow down" }));
/// assert_ne!(reported, upstream);
/// # let _ = thrown;
/// ```
///
/// `Debug` shows the kind only, since payloads are the application's.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FunctionError(Box<FailureKind>);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FailureKind {
    Thrown {
        #[serde(default = "error")]
        name: String,
        message: String,
    },
    Action(Value),
    Http {
        status: u16,
        #[serde(default)]
        headers: Map<String, Value>,
        #[serde(default)]
        body: Value,
    },
    /// The run was stopped from outside. Never given by code.
    #[serde(skip)]
    Aborted(String),
}

fn error() -> String {
    "Error".to_owned()
}

impl FunctionError {
    /// Creates an error that the code throws: `name` is JavaScript's, such as `TypeError`. An action
    /// answers 500 `script_internal_error`.
    #[must_use]
    pub fn thrown(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(FailureKind::Thrown { name: name.into(), message: message.into() }))
    }

    /// Creates an error that an action reports on purpose, an `ActionError` with this payload. The
    /// action answers 500 `action_script_runtime_error`, and a payload that is not an object becomes
    /// `{"message": ..}` (both observed on Nango 0.71.4).
    #[must_use]
    pub fn action(payload: Value) -> Self {
        Self(Box::new(FailureKind::Action(payload)))
    }

    /// Creates the error of a call to the provider that was answered with this status and JSON. An
    /// action answers 424 `script_http_error`.
    #[must_use]
    pub fn http(status: u16, body: Value) -> Self {
        let headers = Map::from_iter([("content-type".to_owned(), "application/json".into())]);
        Self(Box::new(FailureKind::Http { status, headers, body }))
    }

    pub(crate) fn aborted(reason: impl Into<String>) -> Self {
        Self(Box::new(FailureKind::Aborted(reason.into())))
    }

    pub(crate) fn is_aborted(&self) -> bool {
        matches!(*self.0, FailureKind::Aborted(_))
    }

    /// Returns the provider's response, if the error is one.
    pub(crate) fn upstream(&self) -> Option<Value> {
        let FailureKind::Http { status, headers, body } = &*self.0 else { return None };
        Some(json!({ "status": status, "headers": headers, "body": body }))
    }

    /// Returns Nango's code for an action with this error.
    pub(crate) fn code(&self) -> &'static str {
        match &*self.0 {
            FailureKind::Thrown { .. } => "script_internal_error",
            FailureKind::Action(_) => "action_script_runtime_error",
            FailureKind::Http { .. } => "script_http_error",
            FailureKind::Aborted(_) => "action_script_failure",
        }
    }

    /// Returns Nango's text for the kind (observed on Nango 0.71.4).
    pub(crate) fn description(&self) -> &'static str {
        match &*self.0 {
            FailureKind::Thrown { .. } => "An internal error occurred during the script execution",
            FailureKind::Action(_) => "The action script failed with a runtime error",
            FailureKind::Http { .. } => "An error occurred during an HTTP call",
            FailureKind::Aborted(_) => "The sync script failed with an error: {}",
        }
    }

    /// Returns the payload. `file` is the name that a stack trace shows.
    pub(crate) fn payload(&self, file: &str) -> Value {
        match &*self.0 {
            FailureKind::Thrown { name, message } => json!({
                "message": message,
                "name": name,
                "stacktrace": [format!("{name}: {message}"), format!("at Object.exec ({file}.cjs:1:1)")],
            }),
            FailureKind::Action(payload @ Value::Object(_)) => payload.clone(),
            FailureKind::Action(payload) => json!({ "message": payload }),
            FailureKind::Http { body, .. } => body.clone(),
            FailureKind::Aborted(reason) => reason.as_str().into(),
        }
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> Self {
        Self::thrown(error(), message)
    }
}

impl From<String> for FunctionError {
    fn from(message: String) -> Self {
        Self::thrown(error(), message)
    }
}

impl fmt::Debug for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FunctionError({})", self.code())
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            FailureKind::Thrown { message, .. } => write!(f, "the function failed: {message}"),
            FailureKind::Action(_) => f.write_str("the function reported an error of its own"),
            FailureKind::Http { status, .. } => write!(f, "the provider answered the function with {status}"),
            FailureKind::Aborted(reason) => write!(f, "the run was stopped: {reason}"),
        }
    }
}

impl std::error::Error for FunctionError {}

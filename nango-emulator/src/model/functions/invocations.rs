//! Results of asynchronous actions.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::FunctionError;

/// Nango keeps results for five days by default (read in its source).
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);

/// End of an asynchronous action.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Invocation {
    /// `Null` is no output.
    Done(Value),
    Failed {
        error: FunctionError,
        /// Name that a stack trace shows.
        file: String,
    },
}

/// Ended asynchronous actions, by id.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Invocations(HashMap<String, (Timestamp, Invocation)>);

impl Invocations {
    /// Stores a result and drops those that are too old.
    pub(crate) fn put(&mut self, id: String, result: Invocation, now: Timestamp) {
        self.0.retain(|_, (at, _)| now.duration_since(*at) < KEPT_FOR);
        self.0.insert(id, (now, result));
    }

    pub(crate) fn get(&self, id: &str, now: Timestamp) -> Option<&Invocation> {
        let (at, result) = self.0.get(id)?;
        (now.duration_since(*at) < KEPT_FOR).then_some(result)
    }
}

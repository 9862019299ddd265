//! Validation issues with zod 4's codes and texts.

use serde::Serialize;
use serde_json::Value;

/// One validation issue.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Issue {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Path to the value. Array index 0 is the string `"0"`.
    pub(crate) path: Vec<String>,
    /// Lets later checks of the enclosing value run (zod's `continue`).
    #[serde(skip)]
    pub(crate) continues: bool,
}

impl Issue {
    pub(crate) fn new(code: &'static str, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        Self { code, message: message.into(), path, continues: false }
    }

    pub(crate) fn custom(message: impl Into<String>, path: &[&str]) -> Self {
        Self { continues: true, ..Self::new("custom", message, path) }
    }

    /// Creates the issue for a string outside a closed set.
    pub(crate) fn one_of(options: &[&str], path: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(|option| format!("\"{option}\"")).collect();
        let message = format!("Invalid option: expected one of {}", options.join("|"));
        Self::new("invalid_value", message, path)
    }

    pub(crate) fn at(mut self, parent: &[String]) -> Self {
        self.path.splice(0..0, parent.iter().cloned());
        self
    }
}

/// Returns zod's issue for a value of another type; `None` is JavaScript's `undefined`.
pub(crate) fn wrong_type(expected: &str, value: Option<&Value>, path: &[&str]) -> Issue {
    let received = match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    };
    Issue::new("invalid_type", format!("Invalid input: expected {expected}, received {received}"), path)
}

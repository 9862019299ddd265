//! Validation with zod 4's issue codes and texts (observed on Nango 0.71.4).

mod date;
mod fields;
mod text;

use serde_json::Value;

pub(crate) use fields::{Fields, entries, record};
pub(crate) use text::{
    CONNECTION_ID, INTEGRATION_ID, NAME, Pattern, Text, is_email, is_uuid, text_param, uuid_param,
};

use super::envelope::Issue;

/// What zod calls a value; `None` is `undefined`.
pub(crate) fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

pub(crate) fn wrong_type(expected: &str, value: Option<&Value>, path: &[&str]) -> Issue {
    let message = format!("Invalid input: expected {expected}, received {}", type_name(value));
    Issue::new("invalid_type", message, path)
}

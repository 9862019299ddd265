//! Reads provider templates in Nango's YAML shape, such as the `providers.yaml` that the
//! `@nangohq/providers` package carries. JSON is YAML, so JSON works as well.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::EmulatorError;

pub(super) fn read(path: &Path) -> Result<Map<String, Value>, EmulatorError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| EmulatorError::File { path: path.into(), source })?;
    parse(&text).map_err(|reason| EmulatorError::Format { path: path.into(), reason: reason.to_string() })
}

fn parse(text: &str) -> Result<Map<String, Value>, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(text)?)
}

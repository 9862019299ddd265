//! Keys as one parameter.

use nango_core::ConnectionKey;

/// `[[integration, connection id]]`
pub(crate) fn json_keys(keys: &[ConnectionKey]) -> String {
    let pair = |key: &ConnectionKey| serde_json::json!([key.integration(), key.connection_id()]);
    serde_json::Value::Array(keys.iter().map(pair).collect()).to_string()
}

//! Many keys at once.

use std::collections::HashMap;

use nango_core::{ConnectionRef, Record};

/// `[[integration, connection id]]`
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn json_keys(keys: &[ConnectionRef]) -> String {
    let pair = |key: &ConnectionRef| serde_json::json!([key.integration(), key.connection_id()]);
    serde_json::Value::Array(keys.iter().map(pair).collect()).to_string()
}

/// Puts records in the order of the keys that asked for them. A key may be asked for twice.
pub(crate) fn in_order(keys: &[ConnectionRef], records: Vec<Record>) -> Vec<Option<Record>> {
    let found: HashMap<_, _> = records.into_iter().map(|record| (record.key.clone(), record)).collect();
    keys.iter().map(|key| found.get(key).cloned()).collect()
}

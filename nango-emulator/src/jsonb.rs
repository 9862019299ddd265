//! Key orders: Postgres `jsonb` (shorter keys first, then bytes) and alphabetical.

use serde_json::{Map, Value};

/// Reorders every object as Postgres stores `jsonb`: the key order of `tags`, `metadata` and
/// `connection_config` when they are read back (observed on Nango 0.71.4).
pub(crate) fn postgres_order(value: &Value) -> Value {
    reorder(value, &|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)))
}

/// Reorders every object by the UTF-16 code units of its keys: the order of webhook bodies.
pub(crate) fn alphabetical(value: &Value) -> Value {
    reorder(value, &|a, b| a.encode_utf16().cmp(b.encode_utf16()))
}

/// Returns true if Postgres stores the value: it has no U+0000, in keys either.
pub(crate) fn is_storable(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(is_storable),
        Value::Object(map) => is_storable_map(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Like [`is_storable`], for an object.
pub(crate) fn is_storable_map(map: &Map<String, Value>) -> bool {
    map.iter().all(|(key, value)| !key.contains('\0') && is_storable(value))
}

fn reorder(value: &Value, by: &dyn Fn(&str, &str) -> std::cmp::Ordering) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| by(a, b));
            let entries = entries.into_iter().map(|(k, v)| (k.clone(), reorder(v, by)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| reorder(item, by)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_orders() {
        let value = json!({"end_user_id": 1, "keep": [{"b": 1, "a": 2}], "abcd": 0});
        assert_eq!(
            postgres_order(&value).to_string(),
            r#"{"abcd":0,"keep":[{"a":2,"b":1}],"end_user_id":1}"#
        );
        assert_eq!(alphabetical(&value).to_string(), r#"{"abcd":0,"end_user_id":1,"keep":[{"a":2,"b":1}]}"#);
    }
}

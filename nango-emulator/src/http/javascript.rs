//! JSON as JavaScript reads and writes it: Nango parses every body and serializes it anew.

use std::io;

use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use serde_json::{Map, Number, Value};

/// Returns the value as JavaScript parses it: every number is a double, and keys that are array
/// indices come first, in ascending order.
pub(super) fn parsed(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(double(&number)),
        Value::Array(items) => items.into_iter().map(parsed).collect(),
        Value::Object(map) => {
            let (mut indices, others): (Vec<_>, Vec<_>) = map
                .into_iter()
                .map(|(key, value)| (index(&key), key, parsed(value)))
                .partition(|(index, ..)| index.is_some());
            indices.sort_by_key(|(index, ..)| *index);
            let entries = indices.into_iter().chain(others);
            Value::Object(entries.map(|(_, key, value)| (key, value)).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// Returns the array index that a key is, as JavaScript defines it.
fn index(key: &str) -> Option<u32> {
    key.parse::<u32>().ok().filter(|index| *index < u32::MAX && index.to_string() == key)
}

/// The integers that a double has exactly.
const SAFE: f64 = 9_007_199_254_740_992.0;

fn double(number: &Number) -> Number {
    let Some(double) = number.as_f64() else { return number.clone() };
    if double.fract() == 0.0 && double.abs() < SAFE {
        #[expect(clippy::cast_possible_truncation, reason = "within the safe integers")]
        return Number::from(double as i64);
    }
    Number::from_f64(double).unwrap_or_else(|| number.clone())
}

/// Serializes a value as JavaScript does.
pub(crate) fn stringify(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Numbers);
    // A vector takes every byte, and serde_json writes UTF-8.
    match serde::Serialize::serialize(value, &mut serializer) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => value.to_string(),
    }
}

/// Formats numbers as JavaScript does, without an exponent from 1e-6 to 1e21.
struct Numbers;

impl Formatter for Numbers {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let text = if (1e-6..1e21).contains(&value.abs()) || value == 0.0 {
            format!("{value}")
        } else {
            format!("{value:e}").replace('e', "e+").replace("e+-", "e-")
        };
        CompactFormatter.write_number_str(writer, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_keys_are_those_of_javascript() {
        for (text, expected) in [
            ("[1.0,-0.0,1e2,0.1,-2.50]", "[1,0,100,0.1,-2.5]"),
            (
                "[1e20,1e21,1.5e300,1e-6,1e-7,-1.5e-9]",
                "[100000000000000000000,1e+21,1.5e+300,0.000001,1e-7,-1.5e-9]",
            ),
            (
                "[9007199254740991,9007199254740993,-9007199254740993]",
                "[9007199254740991,9007199254740992,-9007199254740992]",
            ),
            ("[12345678901234567890]", "[12345678901234567000]"),
            (
                r#"{"b":{"10":1,"9":2,"x":3},"01":4,"-1":5,"0":6}"#,
                r#"{"0":6,"b":{"9":2,"10":1,"x":3},"01":4,"-1":5}"#,
            ),
            (r#"{"4294967295":1,"4294967294":2}"#, r#"{"4294967294":2,"4294967295":1}"#),
        ] {
            assert_eq!(stringify(&parsed(serde_json::from_str(text).unwrap())), expected, "{text}");
        }
    }
}

//! Dates in the forms that JavaScript's `Date` reads.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Value;

use super::fields::Fields;
use super::issue::wrong_type;

impl Fields<'_> {
    /// Takes a date as zod coerces it. A missing field is an invalid date.
    pub(crate) fn date(&mut self, name: &'static str) -> Option<Timestamp> {
        let value = self.take(name);
        let found = value.and_then(date_of_javascript);
        if found.is_none() {
            self.push(wrong_type("date", value, &[name]));
        }
        found
    }

    /// Takes a date that may be missing.
    pub(crate) fn optional_date(&mut self, name: &'static str) -> Option<Timestamp> {
        self.take(name)?;
        self.date(name)
    }
}

/// Reads ISO 8601 with or without time and zone, or milliseconds. The default zone is UTC.
pub(crate) fn date_of_javascript(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Null => Some(Timestamp::UNIX_EPOCH),
        Value::Number(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "JavaScript cuts the fraction off, too")]
            let ms = number.as_f64()? as i64;
            Timestamp::from_millisecond(ms).ok()
        }
        Value::String(text) => text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text.parse::<civil::DateTime>().ok()?;
            TimeZone::UTC.to_timestamp(civil).ok()
        }),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn date_forms() {
        let at = |value: Value| date_of_javascript(&value).map(Timestamp::as_millisecond);
        assert_eq!(at(json!("2030-01-01T00:00:00Z")), Some(1_893_456_000_000));
        assert_eq!(at(json!("2030-01-01T00:00:00.000+00:00")), Some(1_893_456_000_000));
        assert_eq!(at(json!("2030-01-01")), Some(1_893_456_000_000));
        assert_eq!(at(json!(1_893_456_000_000_u64)), Some(1_893_456_000_000));
        for bad in [json!("soon"), json!([]), json!({})] {
            assert_eq!(at(bad), None);
        }
    }
}

//! Fields of deliveries that may have any type.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A field that is `None` where it is missing or has an unexpected type, so that it makes neither the
/// delivery unreadable nor another field.
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let field = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(field.get()).ok()))
    }
}

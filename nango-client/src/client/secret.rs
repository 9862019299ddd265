//! Secrets that Nango sends.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::reply::Reply;
use crate::error::{Error, ErrorKind};

/// A secret text. It has no `Display`, its `Debug` output is redacted, and it is wiped on drop.
#[derive(Clone)]
pub struct Secret(SecretString);

/// A secret piece of JSON. It has no `Display`, its `Debug` output is redacted, and its text is wiped on
/// drop.
#[derive(Clone)]
pub struct SecretJson(SecretString);

/// Fields of credentials that this version does not know, by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretFields(BTreeMap<String, SecretJson>);

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns the secret itself. It belongs in no log, no error and no reply.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl SecretJson {
    /// Returns the JSON itself. It belongs in no log, no error and no reply.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Parses the JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it does not have this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.expose()).map_err(|_| Error::new(ErrorKind::Decode))
    }

    pub(super) fn of(text: &RawValue) -> Self {
        Self(SecretString::from(text.get().to_owned()))
    }
}

impl SecretFields {
    /// Returns a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretJson> {
        self.0.get(name)
    }

    /// Returns the names of the fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl From<Map<String, Value>> for SecretFields {
    fn from(fields: Map<String, Value>) -> Self {
        let secret = |value: Value| SecretJson(SecretString::from(value.to_string()));
        Self(fields.into_iter().map(|(name, value)| (name, secret(value))).collect())
    }
}

/// Compares in a time that depends on the lengths alone.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        are_equal(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

/// Compares in a time that depends on the lengths alone.
impl PartialEq for SecretJson {
    fn eq(&self, other: &Self) -> bool {
        are_equal(self.expose(), other.expose())
    }
}

impl Eq for SecretJson {}

fn are_equal(one: &str, two: &str) -> bool {
    let difference = one.bytes().zip(two.bytes()).fold(0, |found, (one, two)| found | (one ^ two));
    one.len() == two.len() && std::hint::black_box(difference) == 0
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Reply<Secret> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SecretString::deserialize(deserializer).map(|text| Self(Secret(text)))
    }
}

impl<'de> Deserialize<'de> for Reply<SecretJson> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self(SecretJson::of(&text)))
    }
}

/// Writes the secret in a request's body.
pub(super) struct Exposed<'a>(pub(super) &'a Secret);

impl Serialize for Exposed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

crate::__debug_only!(Secret {});
crate::__debug_only!(SecretJson {});

/// Shows the number of fields alone.
impl fmt::Debug for SecretFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretFields({})", self.0.len())
    }
}

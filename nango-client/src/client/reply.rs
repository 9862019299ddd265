//! Replies of Nango as types of the public interface.
//!
//! Those types do not implement `Deserialize`, since their JSON is Nango's and no promise of this
//! crate: they are read through [`Reply`], which is private.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::timestamp::Timestamp;

/// A part of a reply.
pub(crate) struct Reply<T>(pub(crate) T);

impl<T: Default> Default for Reply<T> {
    fn default() -> Self {
        Self(T::default())
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for Reply<$type> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::deserialize(deserializer).map(Self)
            }
        }
    )*};
}

plain!(bool, i64, u64, String, Map<String, Value>, SecretString, Timestamp, Value);

impl<'de, T> Deserialize<'de> for Reply<Option<T>>
where
    Reply<T>: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Option::<Reply<T>>::deserialize(deserializer)?;
        Ok(Self(found.map(|Reply(value)| value)))
    }
}

impl<'de, T> Deserialize<'de> for Reply<Vec<T>>
where
    Reply<T>: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Vec::<Reply<T>>::deserialize(deserializer)?;
        Ok(Self(found.into_iter().map(|Reply(value)| value).collect()))
    }
}

impl<'de, T> Deserialize<'de> for Reply<BTreeMap<String, T>>
where
    Reply<T>: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Nango leaves out, or sends as null, what is empty.
        let found = Option::<BTreeMap<String, Reply<T>>>::deserialize(deserializer)?;
        Ok(Self(found.into_iter().flatten().map(|(key, Reply(value))| (key, value)).collect()))
    }
}

/// Reads a JSON object. serde would also take an array, as the fields in their order.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    match json.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice(json),
        _ => Err(serde::de::Error::custom("not an object")),
    }
}

/// `{"data": …}`, the envelope of newer replies.
pub(super) struct Data<T>(pub(super) T);

impl<'de, T> Deserialize<'de> for Reply<Data<T>>
where
    Reply<T>: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Envelope<T> {
            data: T,
        }
        let Envelope { data: Reply(data) } = Envelope::<Reply<T>>::deserialize(deserializer)?;
        Ok(Self(Data(data)))
    }
}

/// Keeps the fields that a type does not know. The walk over recorded replies is notified of them.
pub(super) fn unknown(fields: Map<String, Value>) -> Map<String, Value> {
    #[cfg(test)]
    super::recordings::note_unknown(&fields);
    fields
}

/// Defines a type of the public interface with the way to read it: public fields with their
/// documentation, followed by serde's attributes, and `extra` for fields that it does not know.
macro_rules! reply {
    ($(#[$of_type:meta])* $type:ident { $($fields:tt)* }) => {
        reply! { @extra ::serde_json::Map<String, ::serde_json::Value>; $(#[$of_type])* $type { $($fields)* } }
    };
    (@extra $extra:ty; $(#[$of_type:meta])* $type:ident {
        $($(#[doc = $doc:literal])* $(#[serde $serde:tt])? $field:ident: $field_type:ty,)*
    }) => {
        $(#[$of_type])*
        #[non_exhaustive]
        pub struct $type {
            $($(#[doc = $doc])* pub $field: $field_type,)*
            /// Fields that this version does not know.
            pub extra: $extra,
        }

        impl<'de> ::serde::Deserialize<'de> for $crate::client::reply::Reply<$type> {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(::serde::Deserialize)]
                struct Fields {
                    $($(#[serde $serde])? $field: $crate::client::reply::Reply<$field_type>,)*
                    #[serde(flatten)]
                    extra: ::serde_json::Map<String, ::serde_json::Value>,
                }
                let fields = Fields::deserialize(deserializer)?;
                Ok(Self($type {
                    $($field: fields.$field.0,)*
                    extra: $crate::client::reply::unknown(fields.extra).into(),
                }))
            }
        }
    };
}

/// Defines an enum of Nango's words, which keeps those that it does not know.
macro_rules! words {
    ($(#[$of_type:meta])* $type:ident {
        $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)*
    }) => {
        $(#[$of_type])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[doc = $doc])* $variant,)*
            /// A word that this version does not know.
            Other(String),
        }

        impl $type {
            /// Returns Nango's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($variant)),)*
                    Self::Other(word) => f.debug_tuple("Other").field(&$crate::debug::Word(word)).finish(),
                }
            }
        }

        impl From<String> for $type {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)*
                    _ => Self::Other(word),
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $crate::client::reply::Reply<$type> {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|word| Self(word.into()))
            }
        }
    };
}

pub(super) use reply;
pub(crate) use words;

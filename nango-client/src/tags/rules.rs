//! Nango's rules for the values of tags, and the errors of breaking one.

use std::fmt;

/// The longest value, in UTF-16 code units, the unit that Nango counts in.
pub const MAX_VALUE_UNITS: usize = 255;

/// The one key whose value Nango checks beyond its length.
const EMAIL_KEY: &str = "end_user_email";

pub(super) fn check_value(key: &str, value: &str) -> Result<(), TagError> {
    let owned = || key.to_owned();
    let units = value.encode_utf16().count();
    if value.is_empty() {
        Err(TagError::EmptyValue { key: owned() })
    } else if units > MAX_VALUE_UNITS {
        Err(TagError::LongValue { key: owned(), units })
    } else if value.contains('\0') {
        Err(TagError::NulInValue { key: owned() })
    } else if key == EMAIL_KEY && !looks_like_email(value) {
        Err(TagError::NotAnEmail)
    } else {
        Ok(())
    }
}

/// Applies a coarser rule than Nango: all that it refuses, Nango refuses, and Nango decides on the
/// rest.
fn looks_like_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    value.len() >= 5
        && !local.is_empty()
        && !local.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !value.chars().any(char::is_whitespace)
}

/// A tag that Nango would refuse, or that does not read back.
///
/// It names the key, never the value: values are personal data. A text that is not a key is not
/// named either: it may be a value in the wrong place.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// The key breaks a rule of [`TagKey`](super::TagKey).
    #[error("a tag key of {} bytes is not allowed: {reason}", key.len())]
    BadKey {
        /// The key as given. The texts of this error leave it out.
        key: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The key is set already.
    #[error("tag {key:?} is set twice")]
    Duplicate {
        /// The key.
        key: String,
    },
    /// The value is empty. Leave the tag out instead: an `Option` field that is `None` does so.
    #[error("the value of tag {key:?} is empty; leave the tag out instead")]
    EmptyValue {
        /// The key.
        key: String,
    },
    /// The value is longer than Nango allows.
    #[error("the value of tag {key:?} has {units} UTF-16 units; Nango allows 255 at most")]
    LongValue {
        /// The key.
        key: String,
        /// Its length in UTF-16 code units.
        units: usize,
    },
    /// The value of the tag `end_user_email` is not an e-mail address, which Nango requires.
    #[error("the value of tag \"end_user_email\" is not an e-mail address")]
    NotAnEmail,
    /// The value contains U+0000, on which Nango fails with status 500.
    #[error("the value of tag {key:?} contains U+0000")]
    NulInValue {
        /// The key.
        key: String,
    },
    /// The key belongs to a library on top of this crate, such as `owner_kind` to `nango-core`.
    #[error("tag {key:?} is set by the library; use another key")]
    Reserved {
        /// The key.
        key: String,
    },
    /// The connection has as many tags as it can have.
    #[error("a connection can have at most {max} tags of its own")]
    TooMany {
        /// The number that is allowed.
        max: usize,
    },
    /// The value cannot be parsed as the type that it was written from.
    #[error("the value of tag {key:?} cannot be read back")]
    Unreadable {
        /// The key.
        key: String,
    },
}

impl fmt::Debug for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_utf16_units() {
        assert!(check_value("k", &"🦀".repeat(127)).is_ok());
        assert!(matches!(check_value("k", &"🦀".repeat(128)), Err(TagError::LongValue { units: 256, .. })));
        assert!(check_value("k", &"é".repeat(255)).is_ok());
    }

    #[test]
    fn values_that_nango_refuses_or_fails_on_are_refused() {
        assert!(matches!(check_value("k", ""), Err(TagError::EmptyValue { .. })));
        assert!(matches!(check_value("k", "a\0b"), Err(TagError::NulInValue { .. })));
        assert!(matches!(check_value("end_user_email", "a@b"), Err(TagError::NotAnEmail)));
        assert!(check_value("end_user_email", "a@b.c").is_ok());
        assert!(check_value("k", "   ").is_ok(), "Nango does not trim");
    }
}

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
    } else if key == EMAIL_KEY && !is_email(value) {
        Err(TagError::NotAnEmail)
    } else {
        Ok(())
    }
}

/// Applies Nango's rule for e-mail addresses, which is zod's: ASCII only, and few of the signs that RFC
/// 5322 allows before the `@` (observed on 0.71.4, and compared with zod 4 in `tests/sdk`).
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'' | '+' | '-');
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let Some((labels, last)) = domain.rsplit_once('.') else {
        return false;
    };
    // All characters are ASCII, so bytes are the UTF-16 units that Nango counts.
    value.len() >= 5
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(is_local))
        && !local.ends_with('\'')
        && labels.split('.').all(is_label)
        && last.len() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic())
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
    /// The value of the tag `end_user_email` is not an e-mail address by Nango's rule, which takes ASCII
    /// letters, digits and `_'+-.` before the `@`: `søren@example.com` and `o&m@example.com` are not.
    #[error("the value of tag \"end_user_email\" is not an e-mail address that Nango takes")]
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

impl TagError {
    /// Returns the key of the tag; `None` where the number of tags is the fault.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::BadKey { key, .. }
            | Self::Duplicate { key }
            | Self::EmptyValue { key }
            | Self::LongValue { key, .. }
            | Self::NulInValue { key }
            | Self::Reserved { key }
            | Self::Unreadable { key } => Some(key),
            Self::NotAnEmail => Some(EMAIL_KEY),
            Self::TooMany { .. } => None,
        }
    }
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
        assert!(check_value("contact_email", "a@b").is_ok(), "one key has the rule");
        assert!(check_value("k", "   ").is_ok(), "Nango does not trim");
    }

    #[test]
    fn emails_are_judged_as_by_zod() {
        for good in ["a@b.co", "a+b@example.com", "O'Hara@example.com", "a_b-c.d@x-.y.example", "a+@1.ab"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a@b.c", "søren@example.com", "o&m@example.com", "a@exämple.com", "a'@example.com",
            ".a@example.com", "a..b@example.com", "a.@example.com", "a@-b.co", "a@b..co", "a@.co", "a@b.c1",
            "a@b@c.de", " a@b.co", "a@b.co\n", "\"a b\"@example.com", "a@[127.0.0.1]",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}

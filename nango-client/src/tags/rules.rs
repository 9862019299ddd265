//! Nango's rules for the values of tags.

use super::error::TagError;

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

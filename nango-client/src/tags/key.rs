//! The syntax of tag keys.

use std::fmt;

/// The longest key. All its characters are ASCII, so bytes, characters and UTF-16 units are one.
const MAX_KEY: usize = 64;

/// A tag key that Nango accepts and stores unchanged.
///
/// It starts with a letter, continues with letters, digits, `_`, `-`, `.` and `/`, and has at most
/// 64 characters. Nango stores keys in lower case, so that `User` and `user` would collide: only
/// lower case is accepted here. `constructor`, which Nango 0.71.4 mistakes for a property of its
/// own, is refused.
///
/// ```
/// use nango_client::TagKey;
///
/// const PLAN: Result<TagKey<'static>, &str> = TagKey::new("plan");
/// assert_eq!(PLAN.unwrap().as_str(), "plan");
/// assert!(TagKey::new("Plan").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagKey<'a>(&'a str);

impl<'a> TagKey<'a> {
    /// Checks a key, also at compile time.
    ///
    /// # Errors
    ///
    /// The rule that the text breaks, and how to obey it.
    pub const fn new(key: &'a str) -> Result<Self, &'static str> {
        match fault(key.as_bytes()) {
            Some(reason) => Err(reason),
            None => Ok(Self(key)),
        }
    }

    /// Returns the key as text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for TagKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagKey({})", self.0)
    }
}

const fn fault(key: &[u8]) -> Option<&'static str> {
    if key.is_empty() {
        return Some("a tag key cannot be empty");
    }
    if key.len() > MAX_KEY {
        return Some("a tag key has at most 64 characters");
    }
    if key[0].is_ascii_digit() || matches!(key[0], b'_' | b'-' | b'.' | b'/') {
        return Some("a tag key starts with a letter");
    }
    let mut i = 0;
    while i < key.len() {
        match key[i] {
            b'A'..=b'Z' => return Some("Nango lower-cases tag keys: write it in lower case"),
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => i += 1,
            _ => return Some("a tag key consists of letters, digits, `_`, `-`, `.` and `/`"),
        }
    }
    // A `const fn` cannot compare slices, but it can match a literal.
    match key {
        b"constructor" => Some("Nango refuses the tag key `constructor`"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nango_stores_unchanged_are_accepted() {
        for key in ["a", "end_user_id", "a-b", "a.b/c", "x0", "constructors", &"k".repeat(64)] {
            assert!(TagKey::new(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn keys_that_nango_refuses_or_changes_are_refused() {
        for key in ["", "0a", "_a", "-a", "A", "aB", "a b", "a:b", "é", "constructor", &"k".repeat(65)] {
            assert!(TagKey::new(key).is_err(), "{key}");
        }
    }
}

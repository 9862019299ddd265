//! The syntax of tag keys.

use std::fmt;

use super::TagError;

/// The longest key. All its characters are ASCII, so bytes, characters and UTF-16 units are one.
const MAX_KEY: usize = 64;

/// A tag key that Nango takes and gives back unchanged.
///
/// It starts with a letter, goes on with letters, digits, `_`, `-`, `.` and `/`, and is at most 64 long. Nango lower-cases
/// keys when it stores them, so that `User` and `user` collide: only lower case is taken here. `constructor`, which
/// Nango 0.71.4 mistakes for something else, is refused.
///
/// ```
/// use nango_core::{TagError, TagKey};
///
/// const PLAN: Result<TagKey<'static>, &str> = TagKey::new("plan");
/// assert_eq!(PLAN.unwrap().as_str(), "plan");
/// assert!(TagKey::new("Plan").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagKey<'a>(&'a str);

impl<'a> TagKey<'a> {
    /// Takes a key, also at compile time.
    ///
    /// # Errors
    ///
    /// Which rule the text breaks, and what to write.
    pub const fn new(key: &'a str) -> Result<Self, &'static str> {
        match fault(key.as_bytes()) {
            Some(reason) => Err(reason),
            None => Ok(Self(key)),
        }
    }

    /// The key as text.
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

pub(super) fn check(key: &str) -> Result<(), TagError> {
    match TagKey::new(key) {
        Ok(_) => Ok(()),
        Err(reason) => Err(TagError::BadKey { key: key.to_owned(), reason }),
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
    if is_constructor(key) {
        return Some("Nango refuses the tag key `constructor`");
    }
    None
}

/// Slices cannot be compared in a `const fn`.
const fn is_constructor(key: &[u8]) -> bool {
    let word = b"constructor";
    if key.len() != word.len() {
        return false;
    }
    let mut i = 0;
    while i < word.len() {
        if key[i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_nango_keeps_unchanged() {
        for key in ["a", "end_user_id", "a-b", "a.b/c", "x0", &"k".repeat(64)] {
            assert!(TagKey::new(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn refuses_what_nango_refuses_or_changes() {
        for key in ["", "0a", "_a", "-a", "A", "aB", "a b", "a:b", "é", "constructor", &"k".repeat(65)] {
            assert!(TagKey::new(key).is_err(), "{key}");
        }
    }
}

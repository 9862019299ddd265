//! The tags of one connection.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::iter::Map;
use std::str::FromStr;

use super::key::TagKey;
use super::rules::{TagError, check_value};

/// The most tags that Nango allows for a connection.
pub const MAX_TAGS: usize = 10;

/// The tags of one connection: at most ten, keys in lower case, values of 1 to 255 UTF-16 units.
///
/// Each was either checked by [`insert`](Self::insert) or came from Nango. The `Debug` output shows
/// keys only, since values are personal data.
///
/// ```
/// use nango_client::Tags;
///
/// let mut tags = Tags::new();
/// tags.insert("end_user_id", "alice")?;
/// assert_eq!(tags.get("end_user_id"), Some("alice"));
/// assert!(tags.insert("End_User_Id", "alice").is_err());
/// # Ok::<(), nango_client::TagError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Creates an empty set of tags.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wraps tags that came from Nango, unchecked: Nango has applied its own rules, and its state
    /// is the truth.
    #[must_use]
    pub fn from_nango(tags: BTreeMap<String, String>) -> Self {
        Self(tags)
    }

    /// Sets a tag.
    ///
    /// # Errors
    ///
    /// Fails when the key breaks a rule of [`TagKey`] or is set already; when the value is empty,
    /// longer than [`MAX_VALUE_UNITS`](super::MAX_VALUE_UNITS), contains U+0000, or is not an
    /// e-mail address although the key is `end_user_email`; and when there are [`MAX_TAGS`] tags
    /// already. Nothing changes then.
    pub fn insert(&mut self, key: &str, value: impl Into<String>) -> Result<(), TagError> {
        TagKey::new(key).map_err(|reason| TagError::BadKey { key: key.to_owned(), reason })?;
        self.__insert_with_checked_key(key, value.into())
    }

    /// Sets a tag whose key the caller has checked, such as the derive at compile time.
    #[doc(hidden)]
    pub fn __insert_with_checked_key(&mut self, key: &str, value: String) -> Result<(), TagError> {
        check_value(key, &value)?;
        if self.0.contains_key(key) {
            return Err(TagError::Duplicate { key: key.to_owned() });
        }
        if self.0.len() >= MAX_TAGS {
            return Err(TagError::TooMany { max: MAX_TAGS });
        }
        self.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// Adds those of `others` whose keys are not set.
    ///
    /// # Errors
    ///
    /// [`TagError::TooMany`] when together they are more than [`MAX_TAGS`].
    pub fn merged_over(mut self, others: &Self) -> Result<Self, TagError> {
        for (key, value) in others {
            self.0.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
        if self.0.len() > MAX_TAGS { Err(TagError::TooMany { max: MAX_TAGS }) } else { Ok(self) }
    }

    /// Returns the value of a tag. Keys are in lower case, as Nango stores them.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Parses the value of a tag as the type that it was written from; `None` when the tag is not
    /// set.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the text is not a `T`.
    pub fn parse<T: FromStr>(&self, key: &str) -> Result<Option<T>, TagError> {
        let unreadable = || TagError::Unreadable { key: key.to_owned() };
        self.get(key).map(|text| text.parse().map_err(|_| unreadable())).transpose()
    }

    /// Returns the number of tags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if no tag is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.into_iter()
    }

    /// Returns the tags as a map.
    #[must_use]
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a str, &'a str);
    type IntoIter =
        Map<btree_map::Iter<'a, String, String>, fn((&'a String, &'a String)) -> (&'a str, &'a str)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tags ")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tags_are_the_most_and_each_is_set_once() {
        let mut tags = Tags::new();
        for n in 0..MAX_TAGS {
            tags.insert(&format!("k{n}"), "v").unwrap();
        }
        assert!(matches!(tags.insert("k10", "v"), Err(TagError::TooMany { max: 10 })));
        assert!(matches!(tags.insert("k0", "w"), Err(TagError::Duplicate { .. })));
        assert_eq!((tags.len(), tags.get("k0")), (10, Some("v")));
    }

    #[test]
    fn merged_tags_win_and_ten_are_the_most() {
        let from = |pairs: &[(&str, &str)]| {
            Tags::from_nango(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        let ours = from(&[("end_user_id", "alice"), ("owner_kind", "user")]);
        let both = ours.clone().merged_over(&from(&[("end_user_id", "bob"), ("plan", "pro")])).unwrap();
        assert_eq!(both, from(&[("end_user_id", "alice"), ("owner_kind", "user"), ("plan", "pro")]));
        let many = Tags::from_nango((0..9).map(|n| (format!("k{n}"), "v".to_owned())).collect());
        assert!(matches!(ours.merged_over(&many), Err(TagError::TooMany { .. })));
    }

    #[test]
    fn debug_shows_no_value() {
        let mut tags = Tags::new();
        tags.insert("end_user_email", "alice@example.com").unwrap();
        assert_eq!(format!("{tags:?}"), r#"Tags {"end_user_email"}"#);
        assert_eq!((&tags).into_iter().collect::<Vec<_>>(), [("end_user_email", "alice@example.com")]);
    }
}

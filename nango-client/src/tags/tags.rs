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
/// keys only, since values are personal data. Two are equal if they have the same tags, whatever
/// was [left out](Self::left_out).
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
#[derive(Clone, Default)]
pub struct Tags {
    map: BTreeMap<String, String>,
    left_out: Vec<TagError>,
}

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
        Self { map: tags, left_out: Vec::new() }
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
        check_key(key)?;
        let value = value.into();
        check_value(key, &value)?;
        self.add(key, value)
    }

    /// Sets a tag, or leaves it out where Nango would refuse its value, which
    /// [`left_out`](Self::left_out) then names.
    ///
    /// One such value would otherwise make Nango refuse the whole session: an address like
    /// `søren@example.com` would keep that person from ever connecting.
    ///
    /// ```
    /// use nango_client::{TagError, Tags};
    ///
    /// let mut tags = Tags::new();
    /// tags.insert("end_user_id", "7")?;
    /// tags.insert_or_leave_out("end_user_email", "søren@example.com")?;
    /// assert_eq!(tags.len(), 1);
    /// assert_eq!(tags.left_out(), [TagError::NotAnEmail]);
    /// # Ok::<(), TagError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert) that are not about the value.
    pub fn insert_or_leave_out(&mut self, key: &str, value: impl Into<String>) -> Result<(), TagError> {
        check_key(key)?;
        self.__insert_with_checked_key(key, value.into())
    }

    /// Does [`insert_or_leave_out`](Self::insert_or_leave_out) with a key that the caller has checked,
    /// such as the derive at compile time.
    #[doc(hidden)]
    pub fn __insert_with_checked_key(&mut self, key: &str, value: String) -> Result<(), TagError> {
        match check_value(key, &value) {
            Ok(()) => self.add(key, value),
            Err(refused) => {
                self.left_out.push(refused);
                Ok(())
            }
        }
    }

    fn add(&mut self, key: &str, value: String) -> Result<(), TagError> {
        if self.map.contains_key(key) {
            return Err(TagError::Duplicate { key: key.to_owned() });
        }
        if self.map.len() >= MAX_TAGS {
            return Err(TagError::TooMany { max: MAX_TAGS });
        }
        self.map.insert(key.to_owned(), value);
        Ok(())
    }

    /// Returns the faults of the tags that were left out.
    #[must_use]
    pub fn left_out(&self) -> &[TagError] {
        &self.left_out
    }

    /// Adds those of `others` whose keys are not set.
    ///
    /// # Errors
    ///
    /// [`TagError::TooMany`] when together they are more than [`MAX_TAGS`].
    pub fn merged_over(mut self, others: &Self) -> Result<Self, TagError> {
        for (key, value) in others {
            self.map.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
        if self.map.len() > MAX_TAGS { Err(TagError::TooMany { max: MAX_TAGS }) } else { Ok(self) }
    }

    /// Returns the value of a tag. Keys are in lower case, as Nango stores them.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.map.get(key).map(String::as_str)
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
        self.map.len()
    }

    /// Returns `true` if no tag is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Iterates over keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.into_iter()
    }

    /// Returns the tags as a map.
    #[must_use]
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.map
    }
}

fn check_key(key: &str) -> Result<(), TagError> {
    let fault = |reason| TagError::BadKey { key: key.to_owned(), reason };
    TagKey::new(key).map(drop).map_err(fault)
}

impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl Eq for Tags {}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a str, &'a str);
    type IntoIter =
        Map<btree_map::Iter<'a, String, String>, fn((&'a String, &'a String)) -> (&'a str, &'a str)>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.iter().map(|(key, value)| (key, value))
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tags ")?;
        f.debug_set().entries(self.map.keys()).finish()
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
    fn a_refused_value_is_left_out_and_a_refused_key_is_an_error() {
        let mut tags = Tags::new();
        for (key, value) in [("end_user_email", "o&m@example.com"), ("plan", ""), ("note", "a\0b")] {
            tags.insert_or_leave_out(key, value).unwrap();
        }
        tags.insert_or_leave_out("team", "a".repeat(256)).unwrap();
        tags.insert_or_leave_out("region", "eu").unwrap();
        let left_out: Vec<_> = tags.left_out().iter().filter_map(TagError::key).collect();
        assert_eq!(left_out, ["end_user_email", "plan", "note", "team"]);
        assert_eq!(tags, Tags::from_nango([("region".to_owned(), "eu".to_owned())].into()));
        assert!(matches!(tags.insert_or_leave_out("region", "us"), Err(TagError::Duplicate { .. })));
        assert!(matches!(tags.insert_or_leave_out("Region", "us"), Err(TagError::BadKey { .. })));
        assert!(matches!(tags.insert("plan", ""), Err(TagError::EmptyValue { .. })));
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

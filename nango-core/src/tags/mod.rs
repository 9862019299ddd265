//! What Nango keeps beside a connection to say whose it is, and the rules that it has for that.
//!
//! All rules were observed on Nango 0.71.4.

mod error;
mod fields;
mod key;
mod keys;
mod value;
mod view;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use error::TagError;
pub use fields::TagFields;
pub use key::TagKey;
#[doc(hidden)]
pub use keys::Keys;
pub use value::TagValue;
pub use view::{FromTag, Tag};

/// How many tags an app may give a connection.
///
/// Nango allows ten; the tenth is [`OWNER_KIND`].
pub const MAX_TAGS: usize = 9;

/// The longest value, in UTF-16 code units, which is how Nango counts.
pub const MAX_VALUE_UNITS: usize = 255;

/// The tag that core adds to every session: the kind of the owner, after the app's name if it has one.
pub const OWNER_KIND: &str = "owner_kind";

/// The one key whose value Nango checks beyond its length.
const EMAIL_KEY: &str = "end_user_email";

/// The tags of one connection: at most nine, keys in lower case, values of 1 to 255 UTF-16 units.
///
/// What is in here was either checked by [`insert`](Self::insert) or came from Nango.
/// The `Debug` output shows keys only, since values are personal data.
///
/// ```
/// use nango_core::Tags;
///
/// let mut tags = Tags::new();
/// tags.insert("end_user_id", "alice")?;
/// assert_eq!(tags.get("end_user_id"), Some("alice"));
/// assert!(tags.insert("End_User_Id", "alice").is_err());
/// # Ok::<(), nango_core::TagError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// No tags.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a tag.
    ///
    /// # Errors
    ///
    /// When the key breaks a rule of [`TagKey`], is already there or is [`OWNER_KIND`]; when the value is empty, longer
    /// than [`MAX_VALUE_UNITS`], contains U+0000, or is no e-mail address although the key is `end_user_email`; and
    /// when there are [`MAX_TAGS`] tags already. Nothing changes then.
    pub fn insert(&mut self, key: &str, value: impl Into<String>) -> Result<(), TagError> {
        key::check(key)?;
        if key == OWNER_KIND {
            return Err(TagError::Reserved);
        }
        self.put(key, value.into())
    }

    /// Sets a tag whose key has been checked: by the derive, when the app was compiled.
    pub(crate) fn put(&mut self, key: &str, value: String) -> Result<(), TagError> {
        check_value(key, &value)?;
        if self.0.contains_key(key) {
            return Err(TagError::Duplicate { key: key.to_owned() });
        }
        if self.0.len() >= MAX_TAGS {
            return Err(TagError::TooMany);
        }
        self.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// The value of a tag. Keys are in lower case, as Nango stores them.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The value of a tag as the type that it was made from; `None` when the tag is not there.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the text is not a `T`.
    pub fn parse<T: FromStr>(&self, key: &str) -> Result<Option<T>, TagError> {
        self.get(key)
            .map(|text| text.parse().map_err(|_| TagError::Unreadable { key: key.to_owned() }))
            .transpose()
    }

    /// The tags as the fields of `F`: a method for each mapped field gives its [`Tag`].
    ///
    /// ```
    /// use nango_core::{TagMapper, Tags};
    ///
    /// #[derive(TagMapper)]
    /// struct User {
    ///     #[nango(id)]
    ///     id: u64,
    ///     #[nango(tag = "end_user_email")]
    ///     email: String,
    /// }
    ///
    /// fn greeting(tags: &Tags) -> Option<String> {
    ///     Some(format!("Hello {}!", tags.view::<User>().email().as_str()?))
    /// }
    /// ```
    #[must_use]
    pub fn view<F: TagFields>(&self) -> F::View<'_> {
        F::view(self)
    }

    /// The number of tags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no tag at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Tags as Nango gave them. It has checked them by its own rules, and what it says is the truth.
    pub(crate) fn received(tags: BTreeMap<String, String>) -> Self {
        Self(tags)
    }

    /// These tags and the one that is ours.
    pub(crate) fn with_owner_kind(mut self, kind: &str) -> Result<Self, TagError> {
        check_value(OWNER_KIND, kind)?;
        self.0.insert(OWNER_KIND.to_owned(), kind.to_owned());
        Ok(self)
    }

    /// These tags, and those of `others` whose keys are not among them.
    pub(crate) fn over(mut self, others: &Self) -> Result<Self, TagError> {
        for (key, value) in &others.0 {
            self.0.entry(key.clone()).or_insert_with(|| value.clone());
        }
        // Ours is the tenth.
        if self.0.len() > MAX_TAGS + 1 { Err(TagError::TooMany) } else { Ok(self) }
    }

    pub(crate) fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tags ")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn check_value(key: &str, value: &str) -> Result<(), TagError> {
    let key = || key.to_owned();
    if value.is_empty() {
        return Err(TagError::EmptyValue { key: key() });
    }
    let units = value.encode_utf16().count();
    if units > MAX_VALUE_UNITS {
        return Err(TagError::LongValue { key: key(), units });
    }
    // Nango answers 500 to it.
    if value.contains('\0') {
        return Err(TagError::NulInValue { key: key() });
    }
    if key() == EMAIL_KEY && !looks_like_email(value) {
        return Err(TagError::NotAnEmail);
    }
    Ok(())
}

/// Coarser than Nango's own check: what fails here fails there, and Nango has the last word on the rest.
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

    fn one(key: &str, value: &str) -> Result<(), TagError> {
        Tags::new().insert(key, value)
    }

    #[test]
    fn lengths_are_counted_in_utf16_units() {
        assert!(one("k", &"🦀".repeat(127)).is_ok());
        assert!(matches!(one("k", &"🦀".repeat(128)), Err(TagError::LongValue { units: 256, .. })));
        assert!(one("k", &"é".repeat(255)).is_ok());
    }

    #[test]
    fn refuses_what_nango_refuses_or_chokes_on() {
        assert!(matches!(one("k", ""), Err(TagError::EmptyValue { .. })));
        assert!(matches!(one("k", "a\0b"), Err(TagError::NulInValue { .. })));
        assert!(matches!(one("end_user_email", "a@b"), Err(TagError::NotAnEmail)));
        assert!(one("end_user_email", "a@b.c").is_ok());
        assert!(one("k", "   ").is_ok(), "Nango does not trim");
    }

    #[test]
    fn the_tenth_tag_is_ours() {
        let mut tags = Tags::new();
        for n in 0..MAX_TAGS {
            tags.insert(&format!("k{n}"), "v").unwrap();
        }
        assert!(matches!(tags.insert("k9", "v"), Err(TagError::TooMany)));
        assert!(matches!(one(OWNER_KIND, "user"), Err(TagError::Reserved)));
        assert_eq!(tags.with_owner_kind("user").unwrap().len(), 10);
    }

    #[test]
    fn tags_over_others_win_and_ten_are_the_most() {
        let received = |pairs: &[(&str, &str)]| {
            Tags::received(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        let ours = received(&[("end_user_id", "alice"), ("owner_kind", "user")]);
        let both = ours.clone().over(&received(&[("end_user_id", "bob"), ("plan", "pro")])).unwrap();
        assert_eq!(both, received(&[("end_user_id", "alice"), ("owner_kind", "user"), ("plan", "pro")]));
        let many: BTreeMap<_, _> = (0..9).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        assert!(matches!(ours.over(&Tags::received(many)), Err(TagError::TooMany)));
    }

    #[test]
    fn debug_shows_no_value() {
        let mut tags = Tags::new();
        tags.insert("end_user_email", "alice@example.com").unwrap();
        assert_eq!(format!("{tags:?}"), r#"Tags {"end_user_email"}"#);
    }
}

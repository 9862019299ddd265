//! Tags read back as the types that they were written from.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::rules::TagError;
use super::tags::Tags;

/// One tag for reading back, set or not.
///
/// The fields of a derived [`View`](super::TagFields::View) are such tags.
#[must_use]
pub struct Tag<'a, T: ?Sized> {
    key: &'static str,
    text: Option<&'a str>,
    // A `T` comes out of it and none goes in.
    of: PhantomData<fn() -> T>,
}

impl<'a, T: ?Sized> Tag<'a, T> {
    pub(crate) fn of(tags: &'a Tags, key: &'static str) -> Self {
        Self { key, text: tags.get(key), of: PhantomData }
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the text; `None` when the tag is not set.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        self.text
    }

    /// Parses the value; `None` when the tag is not set.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the text is not a `T`.
    pub fn parse(&self) -> Result<Option<T>, TagError>
    where
        T: FromTag,
    {
        self.read(T::from_tag)
    }

    /// Reads the value by a function of yours: the other half of a module that is named in
    /// `with = ".."`.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the function refuses the text.
    pub fn parse_with<E>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, TagError>
    where
        T: Sized,
    {
        self.read(|text| read(text).ok())
    }

    fn read(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, TagError>
    where
        T: Sized,
    {
        let unreadable = || TagError::Unreadable { key: self.key.to_owned() };
        self.text.map(|text| read(text).ok_or_else(unreadable)).transpose()
    }
}

impl<T: ?Sized> Clone for Tag<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Tag<'_, T> {}

/// Leaves the value out, which is personal data.
impl<T: ?Sized> fmt::Debug for Tag<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tag").field("key", &self.key).field("is_set", &self.text.is_some()).finish()
    }
}

/// A value that can be read back from a tag: every type that is [`FromStr`].
///
/// It is sealed: implement `FromStr` instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read back from a tag",
    label = "`{Self}` does not implement `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}`, take the text with `as_str()`, or read it with `parse_with(..)`"
)]
pub trait FromTag: Sized + sealed::Sealed {
    /// Returns the value that the text stands for.
    fn from_tag(text: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FromTag for T {
    fn from_tag(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

mod sealed {
    use std::str::FromStr;

    #[expect(unnameable_types, reason = "nothing outside may implement it")]
    pub trait Sealed {}

    #[diagnostic::do_not_recommend]
    impl<T: FromStr> Sealed for T {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: Option<&'static str>) -> Tag<'static, u8> {
        Tag { key: "seats", text, of: PhantomData }
    }

    #[test]
    fn a_tag_that_is_not_set_is_not_an_error() {
        assert_eq!(tag(None).parse(), Ok(None));
        assert_eq!(tag(None).as_str(), None);
    }

    #[test]
    fn a_value_that_cannot_be_read_names_the_key() {
        let unreadable = Err(TagError::Unreadable { key: "seats".into() });
        assert_eq!(tag(Some("many")).parse(), unreadable);
        assert_eq!(tag(Some("7")).parse_with(|_| Err(())), unreadable);
        assert_eq!(tag(Some("many")).as_str(), Some("many"));
        assert_eq!(tag(Some("7")).parse(), Ok(Some(7)));
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", tag(Some("7")));
        assert_eq!(shown, r#"Tag { key: "seats", is_set: true }"#);
    }
}

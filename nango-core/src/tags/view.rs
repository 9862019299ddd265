//! Tags read back as the types that they were made from.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::{TagError, Tags};

/// One tag that is read back, or the place of one that is not there.
///
/// ```
/// use nango_core::{TagMapper, Tags};
///
/// #[derive(TagMapper)]
/// struct User {
///     #[nango(id)]
///     id: u64,
///     #[nango(tag)]
///     seats: Option<u32>,
/// }
///
/// let mut tags = Tags::new();
/// tags.insert("end_user_id", "7")?;
/// let user = tags.view::<User>();
/// assert_eq!(user.id().parse()?, Some(7));
/// assert_eq!(user.seats().as_str(), None);
/// # Ok::<(), nango_core::TagError>(())
/// ```
#[must_use]
pub struct Tag<'a, T: ?Sized> {
    key: &'static str,
    text: Option<&'a str>,
    // Only a `T` can come out of it.
    of: PhantomData<fn() -> T>,
}

impl<'a, T: ?Sized> Tag<'a, T> {
    pub(crate) fn of(tags: &'a Tags, key: &'static str) -> Self {
        Self { key, text: tags.get(key), of: PhantomData }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The text; `None` when the tag is not there.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        self.text
    }

    /// The value; `None` when the tag is not there.
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

    /// The value, read by a function of yours: the other half of a module that is named in `with = ".."`.
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
        let Some(text) = self.text else {
            return Ok(None);
        };
        read(text).map(Some).ok_or_else(|| TagError::Unreadable { key: self.key.to_owned() })
    }
}

impl<T: ?Sized> Clone for Tag<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Tag<'_, T> {}

/// Without the value, which is personal data.
impl<T: ?Sized> fmt::Debug for Tag<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tag").field("key", &self.key).field("is_set", &self.text.is_some()).finish()
    }
}

/// A value that can be read back from a tag: everything that is [`FromStr`].
///
/// You never implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read back from a tag",
    label = "`{Self}` does not implement `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}`, take the text with `as_str()`, or read it with `parse_with(..)`"
)]
pub trait FromTag: Sized {
    /// The value that the text stands for.
    fn from_tag(text: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FromTag for T {
    fn from_tag(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: Option<&'static str>) -> Tag<'static, u8> {
        Tag { key: "seats", text, of: PhantomData }
    }

    #[test]
    fn what_is_not_there_is_no_error() {
        assert_eq!(tag(None).parse(), Ok(None));
        assert_eq!(tag(None).as_str(), None);
    }

    #[test]
    fn what_cannot_be_read_names_the_key() {
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

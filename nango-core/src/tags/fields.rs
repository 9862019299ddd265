//! A type whose fields are tags: a whole entity, or a part that several entities share.

use std::sync::Arc;

use super::{TagError, Tags};

/// A group of fields that are tags.
///
/// Derive it for a part that several entities have, and put the part into them with `#[nango(flatten)]`.
/// `#[derive(TagMapper)]` implements it as well, so that an entity can be [read back](Tags::view), or be a part itself.
///
/// ```
/// use nango_core::{TagFields, TagMapper};
///
/// #[derive(TagFields)]
/// struct Billing {
///     #[nango(tag)]
///     plan: String,
/// }
///
/// #[derive(TagMapper)]
/// struct User {
///     #[nango(id)]
///     id: u64,
///     #[nango(flatten)]
///     billing: Billing,
/// }
///
/// let user = User { id: 7, billing: Billing { plan: "pro".into() } };
/// let tags = user.to_tags()?;
/// assert_eq!(tags.get("plan"), Some("pro"));
/// assert_eq!(tags.view::<User>().billing().plan().parse()?, Some("pro".to_owned()));
/// # Ok::<(), nango_core::TagError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fields that are tags",
    label = "not `TagFields`",
    note = "derive `nango_core::TagMapper` if `{Self}` can own connections, and `nango_core::TagFields` if it is a part of what can",
    note = "a field that is one tag itself is not flattened: mark it `#[nango(tag)]`"
)]
pub trait TagFields {
    /// Every key that [`put_tags`](Self::put_tags) may set.
    const TAGS: &'static [&'static str];

    /// Has a method for each field, named like it, that gives its [`Tag`](super::Tag).
    type View<'a>;

    /// Sets the tags of these fields.
    ///
    /// # Errors
    ///
    /// When a value breaks a rule of Nango, see [`Tags::insert`].
    fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError>;

    /// Tags as these fields. [`Tags::view`] calls it.
    fn view(tags: &Tags) -> Self::View<'_>;
}

/// `None` sets no tag.
#[diagnostic::do_not_recommend]
impl<T: TagFields> TagFields for Option<T> {
    const TAGS: &'static [&'static str] = T::TAGS;
    type View<'a> = T::View<'a>;

    fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError> {
        self.as_ref().map_or(Ok(()), |fields| fields.put_tags(tags))
    }

    fn view(tags: &Tags) -> Self::View<'_> {
        T::view(tags)
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: TagFields> TagFields for $pointer {
            const TAGS: &'static [&'static str] = T::TAGS;
            type View<'a> = T::View<'a>;

            fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError> {
                T::put_tags(self, tags)
            }

            fn view(tags: &Tags) -> Self::View<'_> {
                T::view(tags)
            }
        }
    )*};
}

pointers!(&T, Arc<T>, Box<T>);

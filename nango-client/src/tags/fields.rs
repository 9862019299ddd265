//! Types whose fields are tags: a whole entity, or a part that several entities share.

use std::fmt::Display;
use std::sync::Arc;

use super::rules::TagError;
use super::tags::Tags;

/// A group of fields that are tags.
///
/// `nango-core` derives it: for a part that several entities have, which goes into them with
/// `#[nango(flatten)]`, and for entities themselves, so that one can be [read back](Tags::view), or
/// be a part itself.
///
/// ```
/// use nango_client::{TagError, TagFields, Tags};
///
/// struct Billing {
///     plan: String,
/// }
///
/// impl TagFields for Billing {
///     const TAGS: &'static [&'static str] = &["plan"];
///     type View<'a> = Option<&'a str>;
///
///     fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError> {
///         tags.insert("plan", &self.plan)
///     }
///
///     fn view(tags: &Tags) -> Option<&str> {
///         tags.get("plan")
///     }
/// }
///
/// let mut tags = Tags::new();
/// Billing { plan: "pro".into() }.put_tags(&mut tags)?;
/// assert_eq!(tags.view::<Billing>(), Some("pro"));
/// # Ok::<(), TagError>(())
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

    /// The tags read back. A derived one has a field for each mapped field, named like it: its
    /// [`Tag`](super::Tag).
    type View<'a>;

    /// Sets the tags of these fields.
    ///
    /// # Errors
    ///
    /// When a tag that cannot be left out has a value that breaks a rule of Nango, see
    /// [`Tags::insert`]. A derived one leaves it out, see [`Tags::insert_or_leave_out`].
    fn put_tags(&self, tags: &mut Tags) -> Result<(), TagError>;

    /// Returns tags as these fields. [`Tags::view`] calls it.
    fn view(tags: &Tags) -> Self::View<'_>;
}

impl Tags {
    /// Returns the tags as the fields of `F`.
    #[must_use]
    pub fn view<F: TagFields>(&self) -> F::View<'_> {
        F::view(self)
    }
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

/// A value that can be written as a tag: every type that is [`Display`].
///
/// The derive demands it of a field. It is sealed: implement `Display` instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a tag",
    label = "does not implement `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, or name a module that writes it: `#[nango(tag, with = \"module\")]`",
    note = "an `Option` is known by its name: one behind a type alias has to be written as `Option<..>`"
)]
pub trait TagValue: sealed::Sealed {
    /// Returns the value as Nango will store it.
    fn to_tag(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> TagValue for T {
    fn to_tag(&self) -> String {
        self.to_string()
    }
}

mod sealed {
    use std::fmt::Display;

    #[expect(unnameable_types, reason = "nothing outside may implement it")]
    pub trait Sealed {}

    #[diagnostic::do_not_recommend]
    impl<T: Display + ?Sized> Sealed for T {}
}

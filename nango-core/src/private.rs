//! What generated code may name. Not covered by semantic versioning.

pub use std::borrow::ToOwned;
pub use std::marker::PhantomData;
pub use std::option::Option::{self, None, Some};
pub use std::primitive::str;
pub use std::result::Result;
pub use std::string::String;

pub use crate::entity::{Owner, OwnerId, TagMapper};
pub use crate::tags::{Keys, Tag, TagError, TagFields, TagValue, Tags};

/// A value as its tag.
#[inline]
#[must_use]
pub fn text<T: TagValue + ?Sized>(value: &T) -> String {
    value.to_tag()
}

/// An id as its tag.
///
/// What an id has to be is said at [`TagMapper::Id`], and demanded there only.
#[inline]
#[must_use]
pub fn id_text<E: TagMapper + ?Sized>(id: &E::Id) -> String {
    id.to_text()
}

/// An owner of the kind of `E`.
#[inline]
#[must_use]
pub fn owner<E: TagMapper + ?Sized>(id: String, scope: Option<String>) -> Owner {
    Owner::from_text(E::KIND, id, scope)
}

/// Sets tags up to the first that cannot be.
///
/// A `?` for each field would do the same, and give the compiler a branch and a conversion more to check for each.
#[derive(Debug)]
pub struct Put<'a> {
    tags: &'a mut Tags,
    outcome: Result<(), TagError>,
}

impl<'a> Put<'a> {
    /// Nothing is set yet.
    #[inline]
    #[must_use]
    pub fn new(tags: &'a mut Tags) -> Self {
        Self { tags, outcome: Ok(()) }
    }

    /// Sets a tag, unless one before it could not be. The derive has checked the key.
    #[inline]
    pub fn tag(&mut self, key: &'static str, value: String) {
        if self.outcome.is_ok() {
            self.outcome = self.tags.put(key, value);
        }
    }

    /// For a part, whose outcome goes to [`part`](Self::part).
    pub fn tags(&mut self) -> &mut Tags {
        self.tags
    }

    /// A part has set its tags.
    pub fn part(&mut self, outcome: Result<(), TagError>) {
        if self.outcome.is_ok() {
            self.outcome = outcome;
        }
    }

    /// The first error.
    ///
    /// # Errors
    ///
    /// Those of [`Tags::insert`].
    #[inline]
    pub fn done(self) -> Result<(), TagError> {
        self.outcome
    }
}

/// The tags of an entity that implements [`TagFields`].
///
/// # Errors
///
/// Those of [`Tags::insert`].
#[inline]
pub fn to_tags<F: TagFields>(fields: &F) -> Result<Tags, TagError> {
    let mut tags = Tags::new();
    fields.put_tags(&mut tags)?;
    Ok(tags)
}

/// One tag that is read back.
pub fn tag<'a, T: ?Sized>(tags: &'a Tags, key: &'static str) -> Tag<'a, T> {
    Tag::of(tags, key)
}

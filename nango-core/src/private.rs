//! What generated code may name. Not covered by semantic versioning.

pub use std::borrow::ToOwned;
pub use std::marker::PhantomData;
pub use std::option::Option::{self, None, Some};
pub use std::primitive::str;
pub use std::result::Result::{self, Ok};
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

/// Sets a tag.
///
/// # Errors
///
/// Those of [`Tags::insert`].
// Not generic, so that it is compiled here and not in every app.
pub fn put(tags: &mut Tags, key: &'static str, value: String) -> Result<(), TagError> {
    tags.insert(key, value)
}

/// The tags of an entity that implements [`TagFields`].
///
/// # Errors
///
/// Those of [`Tags::insert`].
pub fn to_tags<F: TagFields>(fields: &F) -> Result<Tags, TagError> {
    let mut tags = Tags::new();
    fields.put_tags(&mut tags)?;
    Ok(tags)
}

/// One tag that is read back.
pub fn tag<'a, T: ?Sized>(tags: &'a Tags, key: &'static str) -> Tag<'a, T> {
    Tag::of(tags, key)
}

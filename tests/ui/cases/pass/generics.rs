//! Bounds are inferred from the mapped fields, and only from those.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use nango_core::{OwnerId, TagError, TagMapper, TagValue};

/// Implements `Display` for any `T`.
struct Id<T>(u64, PhantomData<T>);

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|id| Self(id, PhantomData))
    }
}

#[derive(TagMapper)]
struct Project<'a, T, P: HasOwned + ?Sized, const N: usize = 1>
where
    T: Clone,
{
    #[nango(id = "project_id")]
    id: Id<T>,
    #[nango(tag)]
    plan: &'a P,
    #[nango(tag)]
    limit: Option<P::Owned>,
    #[allow(dead_code)]
    not_mapped: [T; N],
}

trait HasOwned {
    type Owned;
}

impl HasOwned for str {
    type Owned = u8;
}

#[derive(TagMapper)]
struct Typed<I> {
    #[nango(id)]
    id: I,
}

trait Table {
    type Key;
}

#[derive(TagMapper)]
struct Rowed<T: Table> {
    #[nango(id)]
    id: T::Key,
}

struct Users;

impl Table for Users {
    type Key = u32;
}

#[derive(Clone)]
struct NotDisplay;

fn generic<I: OwnerId, V: TagValue>(id: I, value: V) -> Result<usize, TagError> {
    #[derive(TagMapper)]
    struct Local<I, V> {
        #[nango(id)]
        id: I,
        #[nango(tag)]
        value: V,
    }
    Ok(Local { id, value }.to_tags()?.len())
}

fn main() -> Result<(), TagError> {
    let project = Project::<'_, NotDisplay, str> {
        id: Id(4, PhantomData),
        plan: "pro",
        limit: Some(1),
        not_mapped: [NotDisplay],
    };
    assert_eq!(project.to_tags()?.len(), 3);
    assert_eq!(project.owner().id_as::<Project<'_, NotDisplay, str>>().map(|id| id.0), Some(4));
    assert_eq!(Typed { id: 3_u8 }.owner().id(), "3");
    assert_eq!(Rowed::<Users> { id: 3 }.owner().id(), "3");
    assert_eq!(generic(1, "x")?, 2);
    Ok(())
}

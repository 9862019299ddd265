//! `Self` in the type of a mapped field, and in bounds, is the struct, wherever the derive copies it.

#![deny(warnings)]

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use nango_core::{Tag, TagError, TagFields, TagMapper};

/// An id that says whose it is.
struct Id<E: ?Sized>(u64, PhantomData<fn() -> Box<E>>);

impl<E: ?Sized> Id<E> {
    fn new(id: u64) -> Self {
        Self(id, PhantomData)
    }
}

impl<E: ?Sized> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: ?Sized> FromStr for Id<E> {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}

/// A part that says whose it is.
#[derive(TagFields)]
struct Part<E> {
    #[nango(tag)]
    plan: &'static str,
    #[nango(tag)]
    of: Id<E>,
}

trait Table {
    type Key;
    const WIDTH: usize;
}

trait Related<To: ?Sized> {}

impl<To: ?Sized> Related<To> for u8 {}

macro_rules! boxed {
    ($of:ty) => { Box<$of> };
}

mod width {
    pub(crate) fn to_tag<T>(bytes: &[T]) -> usize {
        bytes.len()
    }
}

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: Id<Self>,
    #[nango(flatten)]
    part: Part<Self>,
    #[nango(tag)]
    key: <Self as Table>::Key,
    #[nango(tag)]
    parent: Option<Box<Id<Option<Self>>>>,
    #[nango(tag, with = "width")]
    bytes: [u8; Self::BYTES],
    #[nango(tag, with = "width")]
    columns: [u8; <Self as Table>::WIDTH],
    #[nango(tag)]
    made_by: Id<fn(&Self) -> Self>,
    #[nango(tag)]
    boxed: boxed!(Id<(Self, [Self; 2], dyn Related<Self>)>),
}

impl User {
    const BYTES: usize = 3;
}

impl Table for User {
    type Key = i32;
    const WIDTH: usize = 2;
}

#[derive(TagMapper)]
#[nango(kind = "node")]
struct Node<'a, T: Related<Self>, const N: usize>
where
    T: Related<Option<Self>>,
    Self: Sized,
{
    #[nango(id)]
    id: Id<Self>,
    #[nango(flatten)]
    part: Part<Self>,
    #[nango(tag)]
    other: &'a Id<Self>,
    #[allow(dead_code)]
    not_mapped: [T; N],
}

#[derive(TagMapper)]
struct Team<'a>(#[nango(id)] Id<Self>, #[nango(flatten)] Part<&'a Self>);

/// An id whose text has the kind of its owner in it, which is known only once `E` is an entity.
struct Prefixed<E>(u64, PhantomData<fn() -> E>);

impl<E: TagMapper> fmt::Display for Prefixed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", E::KIND, self.0)
    }
}

impl<E: TagMapper> FromStr for Prefixed<E> {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix(E::KIND).and_then(|id| id.strip_prefix('-')?.parse().ok());
        Ok(Self(id.unwrap_or_default(), PhantomData))
    }
}

/// A bound `Prefixed<Tree<T>>: OwnerId` would need itself.
#[derive(TagMapper)]
struct Tree<T> {
    #[nango(id)]
    id: Prefixed<Self>,
    #[nango(tag)]
    parent: Option<Prefixed<Self>>,
    #[nango(tag)]
    value: T,
}

macro_rules! entity {
    ($name:ident, $id:ty, $part:ty) => {
        #[derive(TagMapper)]
        struct $name {
            #[nango(id)]
            id: $id,
            #[nango(flatten)]
            part: $part,
            #[nango(tag)]
            other: Id<Self>,
        }
    };
}

entity!(FromMacro, Id<Self>, Part<Self>);

fn main() -> Result<(), TagError> {
    let user = User {
        id: Id::new(7),
        part: Part { plan: "pro", of: Id::new(8) },
        key: -1,
        parent: Some(Box::new(Id::new(9))),
        bytes: [0; 3],
        columns: [0; 2],
        made_by: Id::new(10),
        boxed: Box::new(Id::new(11)),
    };
    let tags = user.to_tags()?;
    let read = tags.view::<User>();
    let id: Tag<'_, Id<User>> = read.id;
    let of: Tag<'_, Id<User>> = read.part.of;
    let key: Tag<'_, i32> = read.key;
    let parent: Tag<'_, Id<Option<User>>> = read.parent;
    let bytes: Tag<'_, [u8; 3]> = read.bytes;
    let columns: Tag<'_, [u8; 2]> = read.columns;
    let made_by: Tag<'_, Id<fn(&User) -> User>> = read.made_by;
    let texts = [
        id.as_str(), of.as_str(), key.as_str(), parent.as_str(), bytes.as_str(), columns.as_str(), made_by.as_str(),
        read.boxed.as_str(), read.part.plan.as_str(),
    ];
    assert_eq!(texts.map(|text| text.unwrap_or("-")), ["7", "8", "-1", "9", "3", "2", "10", "11", "pro"]);
    assert_eq!(user.owner().id_as::<User>().map(|id| id.0), Some(7));

    let other = Id::new(3);
    let part = Part { plan: "free", of: Id::new(2) };
    let node = Node { id: Id::new(1), part, other: &other, not_mapped: [4_u8; 5] };
    let tags = node.to_tags()?;
    let read = tags.view::<Node<'_, u8, 5>>();
    let id: Tag<'_, Id<Node<'_, u8, 5>>> = read.id;
    let of: Tag<'_, Id<Node<'_, u8, 5>>> = read.part.of;
    let other: Tag<'_, Id<Node<'_, u8, 5>>> = read.other;
    assert_eq!([id.as_str(), of.as_str(), other.as_str()], [Some("1"), Some("2"), Some("3")]);

    let team = Team(Id::new(1), Part { plan: "pro", of: Id::new(2) });
    let tags = team.to_tags()?;
    let of: Tag<'_, Id<&Team<'_>>> = tags.view::<Team<'_>>().part.of;
    assert_eq!(of.as_str(), Some("2"));

    let tree = Tree { id: Prefixed(7, PhantomData), parent: None, value: 'x' };
    let tags = tree.to_tags()?;
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("end_user_id", "tree-7"), ("value", "x")]);
    assert_eq!(tags.view::<Tree<char>>().id.parse()?.map(|id: Prefixed<Tree<char>>| id.0), Some(7));

    let made = FromMacro { id: Id::new(1), part: Part { plan: "pro", of: Id::new(2) }, other: Id::new(3) };
    let tags = made.to_tags()?;
    let read = tags.view::<FromMacro>();
    let of: Tag<'_, Id<FromMacro>> = read.part.of;
    let other: Tag<'_, Id<FromMacro>> = read.other;
    assert_eq!((read.id.as_str(), of.as_str(), other.as_str()), (Some("1"), Some("2"), Some("3")));
    Ok(())
}

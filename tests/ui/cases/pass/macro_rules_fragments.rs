//! Structs made by `macro_rules!`, with fragments of every kind in every place.

#![deny(warnings)]

use nango_core::{Tag, TagError, TagFields, TagMapper, Tags};

pub(crate) mod parts {
    #[derive(nango_core::TagFields)]
    pub(crate) struct Region<'a> {
        #[nango(tag)]
        pub(crate) continent: &'a str,
    }

    pub(crate) mod upper {
        pub(crate) fn to_tag(text: &str) -> String {
            text.to_uppercase()
        }
    }
}

// Types: borrowed, boxed, optional and flattened ones arrive in invisible groups.
macro_rules! types {
    ($name:ident<$life:lifetime>, $id:ty, $text:ty, $optional:ty, $part:ty, $inner:ty) => {
        #[derive(TagMapper)]
        struct $name<$life> {
            #[nango(id)]
            id: $id,
            #[nango(tag)]
            text: $text,
            #[nango(tag, scope)]
            optional: $optional,
            #[nango(flatten)]
            part: $part,
            #[nango(tag)]
            boxed: Box<$inner>,
            #[nango(tag)]
            option: Option<$inner>,
        }
    };
}

types!(Types<'a>, &'a str, std::borrow::Cow<'a, str>, Option<u32>, Option<parts::Region<'a>>, str_or);

#[allow(non_camel_case_types)]
type str_or = u8;

// Attributes: as expressions, literals, paths, identifiers, tokens, and whole ones.
macro_rules! attributes {
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident: $kind:expr, $krate:path, $case:literal {
            $($(#[$inner:meta])* [$($role:tt)*] $field:ident: $type:ty = $value:expr,)*
        }
        $with:literal, $flag:ident, $key:tt, $item:meta
    ) => {
        $(#[$outer])*
        #[nango(kind = $kind, crate = $krate)]
        #[nango(rename_all = $case)]
        $vis struct $name {
            $($(#[$inner])* #[nango($($role)*)] $field: $type,)*
            #[nango(tag, with = $with)]
            upper: String,
            #[nango($flag)]
            flag: String,
            #[nango(tag = $key)]
            key: u8,
            #[nango($item)]
            item: u8,
        }

        fn $name() -> $name {
            $name { $($field: $value,)* upper: "x".into(), flag: "f".into(), key: 1, item: 2 }
        }
    };
}

attributes! {
    #[derive(TagMapper)]
    #[allow(non_camel_case_types)]
    pub(crate) struct attributed: "member", ::nango_core, "kebab-case" {
        #[doc = "The id."]
        [id = "member_id"] r#type: u64 = 7,
        [tag, allow_sensitive] token_budget: Option<u32> = Some(3),
        [flatten] region: parts::Region<'static> = parts::Region { continent: "asia" },
    }
    "parts::upper", tag, "the_key", tag = "the_item"
}

// A whole item, and a derive that the macro adds to one.
macro_rules! item {
    ($item:item) => { $item };
}

macro_rules! derived {
    ($($item:tt)*) => {
        #[derive(nango_core::TagMapper)]
        #[nango(crate = $crate::reexports::nango_core)]
        $($item)*
    };
}

pub(crate) mod reexports {
    pub(crate) use nango_core;
}

item! {
    #[derive(TagMapper)]
    struct Whole(#[nango(id = "whole_id")] u64);
}

derived! {
    struct Derived<T = u8> where T: Clone {
        #[nango(id = "derived_id")]
        id: T,
    }
}

// Names of the macro's own beside those of the caller, and the same struct in two modules.
macro_rules! own_names {
    ($module:ident, $value:ident: $type:ty, $tags:ident) => {
        mod $module {
            #[derive(nango_core::TagMapper)]
            pub(crate) struct User<'a> {
                #[nango(id)]
                pub(crate) id: u64,
                #[nango(tag)]
                pub(crate) $value: Option<$type>,
                #[nango(tag)]
                pub(crate) $tags: &'a str,
                #[nango(flatten)]
                pub(crate) part: $crate::parts::Region<'a>,
            }
        }
    };
}

own_names!(first, value: u8, tags);
own_names!(second, writer: u16, outcome);

// Generics and bounds as tokens.
macro_rules! generic {
    ($name:ident<$($param:ident),*> where $($bounds:tt)*) => {
        #[derive(TagMapper)]
        struct $name<$($param),*> where $($bounds)* {
            #[nango(id)]
            id: u64,
            #[nango(tag)]
            values: Joined<($($param,)*)>,
        }
    };
}

struct Joined<T>(T);

impl<A: std::fmt::Display, B: std::fmt::Display> std::fmt::Display for Joined<(A, B)> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.0.0, self.0.1)
    }
}

generic!(Pair<A, B> where A: Clone, B: Related<Self>);

trait Related<T> {}

impl<T> Related<T> for u8 {}

fn pairs(tags: &Tags) -> Vec<(&str, &str)> {
    tags.iter().collect()
}

fn main() -> Result<(), TagError> {
    let part = Some(parts::Region { continent: "asia" });
    let types = Types { id: "7", text: "x".into(), optional: Some(3), part, boxed: Box::new(1), option: Some(2) };
    let tags = types.to_tags()?;
    let read = tags.view::<Types<'_>>();
    let id: Tag<'_, String> = read.id;
    let text: Tag<'_, String> = read.text;
    let optional: Tag<'_, u32> = read.optional;
    let boxed: Tag<'_, u8> = read.boxed;
    assert_eq!((id.parse()?.as_deref(), text.as_str(), optional.parse()?), (Some("7"), Some("x"), Some(3)));
    assert_eq!((boxed.parse()?, read.option.parse()?), (Some(1), Some(2)));
    assert_eq!((read.part.continent.as_str(), types.owner().scope()), (Some("asia"), Some("3")));

    let tags = attributed().to_tags()?;
    assert_eq!(
        pairs(&tags),
        [
            ("continent", "asia"), ("flag", "f"), ("member_id", "7"), ("the_item", "2"), ("the_key", "1"),
            ("token-budget", "3"), ("upper", "X"),
        ]
    );
    assert_eq!(attributed().owner().kind(), "member");
    assert_eq!(tags.view::<attributed>().r#type.parse()?, Some(7));

    assert_eq!(Whole(1).owner().kind(), "whole");
    assert_eq!(Derived { id: 1_u16 }.to_tags()?.view::<Derived<u16>>().id.parse()?, Some(1_u16));

    let first = first::User { id: 1, value: Some(2), tags: "t", part: parts::Region { continent: "asia" } };
    let tags = first.to_tags()?;
    let read = tags.view::<first::User<'_>>();
    assert_eq!((read.value.parse()?, read.tags.as_str()), (Some(2_u8), Some("t")));
    let second = second::User { id: 1, writer: None, outcome: "o", part: parts::Region { continent: "asia" } };
    assert_eq!(pairs(&second.to_tags()?), [("continent", "asia"), ("end_user_id", "1"), ("outcome", "o")]);
    assert_eq!(<first::User<'_> as TagFields>::TAGS, ["end_user_id", "value", "tags", "continent"]);

    assert_eq!(pairs(&Pair { id: 1, values: Joined(("a", 2_u8)) }.to_tags()?), [("end_user_id", "1"), ("values", "a-2")]);
    Ok(())
}

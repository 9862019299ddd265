//! A derive inside `macro_rules!`, with every part of the struct given by the caller.

#![deny(warnings)]

use nango_core::{TagError, TagMapper};

mod reexports {
    pub(crate) use nango_core;
}

macro_rules! entity {
    ($name:ident, $kind:literal, $key:expr, $field:ident: $type:ty, $optional:ty) => {
        #[derive(TagMapper)]
        #[nango(kind = $kind, crate = $crate::reexports::nango_core)]
        struct $name {
            #[nango(id = $key)]
            id: $type,
            #[nango(tag, scope)]
            $field: $optional,
        }
    };
}

entity!(User, "person", "user_id", organization_id: u64, Option<u32>);

fn main() -> Result<(), TagError> {
    let user = User { id: 7, organization_id: Some(3) };
    assert_eq!(User::TAGS, ["user_id", "organization_id"]);
    assert_eq!((user.to_tags()?.len(), user.owner().scope()), (2, Some("3")));
    let user = User { organization_id: None, ..user };
    assert_eq!((user.to_tags()?.len(), user.owner().scope()), (1, None));
    Ok(())
}

//! Deprecated fields, structs and types: a derive uses none of them in the app's place.

#![deny(warnings)]

use nango_core::{TagError, TagFields, TagMapper};

#[derive(TagFields)]
struct Part {
    #[deprecated = "use `plan_name`"]
    #[nango(tag)]
    plan: Option<String>,
    #[nango(tag = "plan_name")]
    plan_name: &'static str,
}

impl Part {
    fn new(plan_name: &'static str) -> Self {
        #[expect(deprecated)]
        Self { plan: None, plan_name }
    }
}

/// Each kind of field.
#[derive(TagMapper)]
struct User {
    #[deprecated]
    #[nango(id)]
    id: u64,
    #[deprecated]
    #[nango(tag, scope)]
    organization_id: Option<u32>,
    #[deprecated]
    #[nango(tag, with = "country")]
    country: [u8; 2],
    #[deprecated(since = "2.0.0", note = "nothing replaces it")]
    #[nango(flatten)]
    part: Part,
    #[nango(tag)]
    language: String,
    #[deprecated]
    #[allow(dead_code)]
    not_mapped: u8,
}

#[derive(TagMapper)]
struct Team(
    #[deprecated]
    #[nango(id = "team_id")]
    u64,
    #[deprecated]
    #[nango(tag = "size")]
    u32,
);

mod old {
    #[deprecated]
    pub(crate) type Id = u64;

    #[deprecated]
    #[derive(nango_core::TagFields)]
    pub(crate) struct Place {
        #[nango(tag)]
        pub(crate) city: &'static str,
    }
}

/// The app allows its own use of deprecated types, and only on the fields.
#[derive(TagMapper)]
struct Client {
    #[allow(deprecated)]
    #[nango(id = "client_id")]
    id: old::Id,
    #[expect(deprecated)]
    #[nango(flatten)]
    place: old::Place,
}

#[allow(deprecated)]
#[derive(TagMapper)]
struct Device {
    #[nango(id = "device_id")]
    id: old::Id,
    #[nango(flatten)]
    place: Option<old::Place>,
}

mod country {
    pub(crate) fn to_tag(code: &[u8; 2]) -> String {
        code.iter().copied().map(char::from).collect()
    }
}

fn main() -> Result<(), TagError> {
    #[expect(deprecated)]
    let user = User {
        id: 7,
        organization_id: Some(3),
        country: *b"de",
        part: Part::new("pro"),
        language: "de".to_owned(),
        not_mapped: 0,
    };
    let tags = user.to_tags()?;
    assert_eq!(
        tags.iter().collect::<Vec<_>>(),
        [("country", "de"), ("end_user_id", "7"), ("language", "de"), ("organization_id", "3"), ("plan_name", "pro")]
    );
    assert_eq!((user.owner().id(), user.owner().scope()), ("7", Some("3")));
    // Tags are read back even if the field is deprecated: they are those of older connections.
    let read = tags.view::<User>();
    assert_eq!((read.id.parse()?, read.part.plan.as_str()), (Some(7), None));

    assert_eq!(Team(1, 2).to_tags()?.len(), 2);
    #[expect(deprecated)]
    let place = || old::Place { city: "Bern" };
    assert_eq!(Client { id: 1, place: place() }.to_tags()?.get("city"), Some("Bern"));
    assert_eq!(Device { id: 1, place: Some(place()) }.to_tags()?.get("city"), Some("Bern"));
    Ok(())
}

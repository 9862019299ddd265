//! Reads tags back by a field for each mapped field, with the type of the field.

use std::borrow::Cow;
use std::fmt;

use nango_core::{Tag, TagError, TagMapper, Tags};

/// Implements `Display` only.
struct Plan;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pro")
    }
}

mod country {
    pub(crate) fn to_tag(code: &[u8; 2]) -> String {
        code.iter().copied().map(char::from).collect()
    }

    pub(crate) fn from_tag(text: &str) -> Result<[u8; 2], std::array::TryFromSliceError> {
        text.as_bytes().try_into()
    }
}

mod elsewhere {
    use super::*;

    #[derive(TagMapper)]
    pub(crate) struct User<'a, T> {
        #[nango(id)]
        id: u64,
        #[nango(tag)]
        name: &'a str,
        #[nango(tag)]
        team: Cow<'a, str>,
        #[nango(tag)]
        pub(crate) plan: Plan,
        #[nango(tag)]
        seats: Option<u32>,
        #[nango(tag, with = "country")]
        country: [u8; 2],
        #[nango(tag)]
        r#type: T,
        #[allow(dead_code)]
        password: String,
    }

    pub(crate) fn user() -> User<'static, bool> {
        User {
            id: 7,
            name: "Alice",
            team: "core".into(),
            plan: Plan,
            seats: Some(3),
            country: *b"de",
            r#type: true,
            password: String::new(),
        }
    }
}

fn main() -> Result<(), TagError> {
    let tags = elsewhere::user().to_tags()?;
    let user = tags.view::<elsewhere::User<'_, bool>>();
    assert_eq!(user.id.parse()?, Some(7));
    let name: Tag<'_, String> = user.name;
    assert_eq!(name.parse()?, Some("Alice".to_owned()));
    let team: Tag<'_, String> = user.team;
    assert_eq!(team.as_str(), Some("core"));
    assert_eq!(user.plan.as_str(), Some("pro"));
    assert_eq!(user.seats.parse()?, Some(3));
    assert_eq!(user.country.parse_with(country::from_tag)?, Some(*b"de"));
    assert_eq!(user.r#type.parse()?, Some(true));

    let empty = Tags::new();
    assert_eq!(empty.view::<elsewhere::User<'_, bool>>().seats.parse()?, None);

    // The view's field is named after the struct's, not after the tag.
    let mut foreign = Tags::new();
    foreign.insert("seats", "many")?;
    let seats = foreign.view::<elsewhere::User<'_, bool>>().seats;
    assert_eq!(seats.parse(), Err(TagError::Unreadable { key: "seats".into() }));
    // A tag outlives the view, since it borrows the tags.
    assert_eq!(seats.as_str(), Some("many"));
    Ok(())
}

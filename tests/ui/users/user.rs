//! A crate of an older edition, in which the library is named `connections`.

#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

use connections::{TagError, TagFields, TagMapper, Tags};

/// A part with a field named after a keyword of a later edition.
#[derive(Debug, TagFields)]
#[nango(crate = ::connections)]
pub struct Region<'a> {
    /// A keyword since 2024.
    #[nango(tag)]
    pub gen: &'a str,
}

/// An entity.
#[derive(Debug, TagMapper)]
#[nango(crate = ::connections)]
pub struct User<'a, T> {
    /// A raw name.
    #[nango(id)]
    pub r#type: u64,
    /// A parameter.
    #[nango(tag, scope)]
    pub organization_id: Option<T>,
    /// Borrowed.
    #[nango(flatten)]
    pub region: Region<'a>,
}

/// Sets the tags and reads one back.
///
/// # Errors
///
/// Those of the tags.
pub fn round_trip(id: u64) -> Result<Option<u64>, TagError> {
    let user = User { r#type: id, organization_id: Some(3), region: Region { gen: "x" } };
    let tags: Tags = user.to_tags()?;
    tags.view::<User<'_, u8>>().r#type.parse()
}

#[cfg(test)]
mod tests {
    #[test]
    fn tags_are_read_back() {
        assert_eq!(super::round_trip(7), Ok(Some(7)));
    }
}

//! Derives of every kind, in a crate that denies all lints.

#![expect(clippy::exhaustive_structs, reason = "the structs are those of an app")]

use std::borrow::Cow;
use std::fmt;

use nango_core::{TagFields, TagMapper};

/// Less visible than the struct with a field of it.
#[derive(Debug)]
struct Plan;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pro")
    }
}

mod country {
    pub(super) fn to_tag(code: &str) -> String {
        code.to_lowercase()
    }
}

/// A part.
#[derive(Debug, TagFields)]
pub struct Region<'a> {
    /// A field.
    #[nango(tag)]
    pub continent: &'a str,
}

/// With every kind of field.
#[derive(Debug, TagMapper)]
#[nango(rename_all = "kebab-case")]
pub struct User<'a> {
    #[nango(id)]
    id: u64,
    #[nango(tag, scope)]
    organization_id: Option<u64>,
    #[nango(tag)]
    plan: Plan,
    #[nango(tag, with = "country")]
    country: String,
    /// A field.
    #[nango(tag)]
    pub display_name: Cow<'a, str>,
    #[nango(flatten)]
    region: Option<Region<'a>>,
}

/// With parameters.
#[derive(Debug, TagMapper)]
pub struct Project<'a, I, P, R, const N: usize = 1>
where
    P: ?Sized,
{
    #[nango(id = "project_id")]
    id: I,
    #[nango(tag)]
    plan: &'a P,
    #[nango(flatten)]
    region: R,
    /// Not sent.
    pub not_sent: [u8; N],
}

/// Without names.
#[derive(Debug, Clone, Copy, TagMapper)]
pub struct Team(#[nango(id = "team_id")] u64, #[nango(tag = "size")] u32);

/// Deprecated, which the derive does not report a second time.
#[derive(Debug, TagMapper)]
#[deprecated = "use `User`"]
pub struct Account {
    #[nango(id)]
    id: u64,
    /// Deprecated, too.
    #[deprecated]
    #[nango(tag)]
    pub plan: String,
}

#[derive(Debug, TagMapper)]
pub(crate) struct Internal {
    #[nango(id)]
    id: u64,
}

impl Internal {
    /// Creates one. Its view stays unused.
    #[must_use]
    pub(crate) const fn new(id: u64) -> Self {
        Self { id }
    }
}

/// Uses all of them, so that a warning about unused code is about the derive's.
///
/// # Errors
///
/// Those of the tags.
pub fn count(user: &User<'_>, team: Team) -> Result<usize, nango_core::TagError> {
    Ok(user.to_tags()?.len() + team.to_tags()?.len() + Internal::new(1).to_tags()?.len())
}

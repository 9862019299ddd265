//! Who a connection belongs to, and how an app's own types say so.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::tags::{TagError, Tags};

/// A type of the app that can own connections: a user, an organisation, a project.
///
/// Derive it. The derive writes the constants and both methods from the fields that carry a `#[nango(..)]` attribute; no
/// other field leaves the process.
///
/// An `Id` is stored as its text, so it must read back: `id.to_string().parse()` has to give an id that prints the same.
/// An owner whose id does not is never given a connection.
///
/// ```
/// use nango_core::{TagMapper, Tags};
///
/// #[derive(TagMapper)]
/// struct User {
///     #[nango(id)]
///     id: u64,
///     #[nango(tag = "end_user_email")]
///     email: String,
///     password_hash: String,
/// }
///
/// let user = User { id: 7, email: "alice@example.com".into(), password_hash: "..".into() };
/// let tags = user.to_tags()?;
/// assert_eq!(tags.len(), 2);
/// assert_eq!(User::id_from_tags(&tags)?, Some(7));
/// assert_eq!(user.owner().id_as::<User>(), Some(7));
/// # Ok::<(), nango_core::TagError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which Nango connections are its own",
    label = "not a `TagMapper`",
    note = "derive it: `#[derive(nango_core::TagMapper)]`, with `#[nango(id)]` on the field that identifies a `{Self}`"
)]
pub trait TagMapper {
    /// What identifies an owner of this kind, and what a webhook can give back.
    type Id: OwnerId;

    /// The name of the kind, such as `"user"`. Owners of different kinds never share a connection.
    const KIND: &'static str;

    /// The key of the tag that carries the id.
    const ID_TAG: &'static str;

    /// The key of the tag that is part of the owner beside the id, if there is one.
    ///
    /// With `organization_id` here, a user who leaves an organisation loses what was connected there.
    const SCOPE_TAG: Option<&'static str> = None;

    /// Every key that [`to_tags`](Self::to_tags) may give.
    const TAGS: &'static [&'static str];

    /// This entity as an owner.
    fn owner(&self) -> Owner;

    /// The tags that a connection of this entity carries.
    ///
    /// # Errors
    ///
    /// When a value breaks a rule of Nango, see [`Tags::insert`].
    fn to_tags(&self) -> Result<Tags, TagError>;

    /// The id that tags name; `None` when they are not about this kind.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the tag is there and is not an id, or would print differently.
    fn id_from_tags(tags: &Tags) -> Result<Option<Self::Id>, TagError> {
        let Some(text) = tags.get(Self::ID_TAG) else {
            return Ok(None);
        };
        Self::Id::from_text(text)
            .map(Some)
            .ok_or_else(|| TagError::Unreadable { key: Self::ID_TAG.to_owned() })
    }
}

/// What can identify an owner: everything that is [`Display`] and [`FromStr`].
///
/// You never implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot identify an owner",
    label = "does not implement both `Display` and `FromStr`",
    note = "an id is stored as its text and read back: implement `std::fmt::Display` and `std::str::FromStr` for `{Self}`"
)]
pub trait OwnerId: Sized {
    /// The id as it is stored.
    fn to_text(&self) -> String;

    /// The id that this text is the one spelling of.
    fn from_text(text: &str) -> Option<Self>;
}

// The bounds stand here and not on the trait, so that a missing one is told in our words.
#[diagnostic::do_not_recommend]
impl<T: Display + FromStr> OwnerId for T {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse::<Self>().ok().filter(|id| id.to_string() == text)
    }
}

/// Whose a connection is: a kind, an id in it, and a scope where the kind has one.
///
/// Two owners are the same when all three are, byte for byte. The `Debug` output leaves out id and scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    kind: String,
    id: String,
    scope: Option<String>,
}

impl Owner {
    /// An owner without a scope.
    ///
    /// ```
    /// use nango_core::Owner;
    ///
    /// let owner = Owner::new("user", 7);
    /// assert_eq!((owner.kind(), owner.id()), ("user", "7"));
    /// ```
    #[must_use]
    pub fn new(kind: impl Into<String>, id: impl Display) -> Self {
        Self { kind: kind.into(), id: id.to_string(), scope: None }
    }

    /// What the derive writes: the texts exist already.
    #[inline]
    pub(crate) fn from_text(kind: &'static str, id: String, scope: Option<String>) -> Self {
        Self { kind: kind.to_owned(), id, scope }
    }

    /// The same owner within a scope.
    #[must_use]
    pub fn with_scope(mut self, scope: Option<impl Display>) -> Self {
        self.scope = scope.map(|scope| scope.to_string());
        self
    }

    /// The kind, such as `user`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The id as text.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The scope as text, where the kind has one.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The id as `E` knows it; `None` when the owner is of another kind.
    #[must_use]
    pub fn id_as<E: TagMapper>(&self) -> Option<E::Id> {
        if self.kind == E::KIND { E::Id::from_text(&self.id) } else { None }
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(u64::from_text("7"), Some(7));
        assert_eq!(u64::from_text("07"), None);
        assert_eq!(u64::from_text("+7"), None);
        assert_eq!(u64::from_text("seven"), None);
    }

    #[test]
    fn debug_names_the_kind_only() {
        let owner = Owner::new("user", "alice").with_scope(Some("acme"));
        assert_eq!(format!("{owner:?}"), r#"Owner { kind: "user", .. }"#);
    }
}

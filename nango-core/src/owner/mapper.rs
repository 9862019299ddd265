//! The app's own types as owners of connections.

use nango_client::{TagError, Tags};

use super::id::OwnerId;
use super::owner::Owner;

/// A type of the app that can own connections: a user, an organisation, a project.
///
/// Derive it. The derive writes the constants and both methods from the fields that carry a
/// `#[nango(..)]` attribute; no other field leaves the process.
///
/// An `Id` is stored as its text, so it must read back: `id.to_string().parse()` has to give an id
/// that prints the same. A connection is never attributed to an owner whose id does not.
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
    message = "`{Self}` cannot own Nango connections",
    label = "not a `TagMapper`",
    note = "derive it: `#[derive(nango_core::TagMapper)]`, with `#[nango(id)]` on the field that identifies a `{Self}`"
)]
pub trait TagMapper {
    /// The type of the id, which is stored as text and read back.
    type Id: OwnerId;

    /// The name of the kind, such as `"user"`. Owners of different kinds never share a connection.
    const KIND: &'static str;

    /// The key of the tag that carries the id.
    const ID_TAG: &'static str;

    /// The key of the tag that is part of the owner beside the id, if there is one.
    ///
    /// With `organization_id` here, a user who leaves an organisation loses what was connected
    /// there.
    const SCOPE_TAG: Option<&'static str> = None;

    /// Every key that [`to_tags`](Self::to_tags) may set.
    const TAGS: &'static [&'static str];

    /// Returns this entity as an owner.
    fn owner(&self) -> Owner;

    /// Returns the tags that a connection of this entity carries.
    ///
    /// A derived one leaves out tags with a value that Nango would refuse, which
    /// [`Tags::left_out`] then names. Only the tags that are part of the owner have to be there.
    ///
    /// # Errors
    ///
    /// When the value of a tag that is part of the owner breaks a rule of Nango, see
    /// [`Tags::insert`].
    fn to_tags(&self) -> Result<Tags, TagError>;

    /// Reads the id from tags; `None` when they do not name this kind.
    ///
    /// # Errors
    ///
    /// [`TagError::Unreadable`] when the tag exists and does not read back as the same id.
    fn id_from_tags(tags: &Tags) -> Result<Option<Self::Id>, TagError> {
        let Some(text) = tags.get(Self::ID_TAG) else {
            return Ok(None);
        };
        Self::Id::from_text(text)
            .map(Some)
            .ok_or_else(|| TagError::Unreadable { key: Self::ID_TAG.to_owned() })
    }
}

impl Owner {
    /// Creates an owner of the kind of `E`, without a scope.
    ///
    /// ```
    /// # use nango_core::{Owner, TagMapper};
    /// #[derive(TagMapper)]
    /// struct User {
    ///     #[nango(id)]
    ///     id: u64,
    /// }
    ///
    /// assert_eq!(Owner::of::<User>(&7), Owner::new("user", 7));
    /// ```
    #[must_use]
    pub fn of<E: TagMapper>(id: &E::Id) -> Self {
        Self::from_text(E::KIND, &id.to_text(), None)
    }

    /// Returns the id as `E` has it; `None` when the owner is of another kind.
    #[must_use]
    pub fn id_as<E: TagMapper>(&self) -> Option<E::Id> {
        if self.kind() == E::KIND { E::Id::from_text(self.id()) } else { None }
    }
}

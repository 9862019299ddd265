//! The owner in a call, with the tags of the entity where the app has it at hand.

use std::sync::Arc;

use nango_client::{TagError, Tags};

use super::kinds::OwnerKinds;
use super::mapper::TagMapper;
use super::owner::Owner;
use super::tag_keys::{MAX_ENTITY_TAGS, OWNER_KIND};

/// An owner, with the tags of the entity where there is one. [`IntoOwner`] converts into it.
///
/// Clones share both.
#[derive(Clone)]
pub struct OwnerIdentity {
    owner: Owner,
    tags: Option<Arc<Result<Tags, TagError>>>,
}

impl OwnerIdentity {
    /// Takes the identity of an entity. Its type is left behind, so that everything below is
    /// compiled once for all entities.
    #[must_use]
    pub fn of<E: TagMapper>(entity: &E) -> Self {
        Self { owner: entity.owner(), tags: Some(Arc::new(entity.to_tags())) }
    }

    /// Returns the owner.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Returns the tags that the entity has now, with `owner_kind`; `None` when only the owner is
    /// known.
    pub(crate) fn entity_tags(&self, kinds: &OwnerKinds) -> Option<Result<Tags, TagError>> {
        self.tags.as_ref().map(|tags| self.with_owner_kind((**tags).clone()?, kinds))
    }

    /// Returns the tags for a new session. Where only the owner is known, they are the identifying
    /// ones.
    pub(crate) fn session_tags(&self, kinds: &OwnerKinds) -> Result<Tags, TagError> {
        match self.entity_tags(kinds) {
            Some(tags) => tags,
            None => self.with_owner_kind(kinds.identifying_tags(&self.owner)?, kinds),
        }
    }

    fn with_owner_kind(&self, mut tags: Tags, kinds: &OwnerKinds) -> Result<Tags, TagError> {
        if tags.get(OWNER_KIND).is_some() {
            return Err(TagError::Reserved { key: OWNER_KIND.to_owned() });
        }
        if tags.len() > MAX_ENTITY_TAGS {
            return Err(TagError::TooMany { max: MAX_ENTITY_TAGS });
        }
        // Without the identity tag of another kind, the connection would be of another owner.
        let is_identity = |fault: &&TagError| fault.key().is_some_and(|key| kinds.is_identity_tag(key));
        // rule: identity-tag
        if let Some(fault) = tags.left_out().iter().find(is_identity) {
            return Err(fault.clone());
        }
        tags.insert(OWNER_KIND, kinds.label(self.owner.kind()))?;
        Ok(tags)
    }
}

/// An argument that names an owner: `&user` for an entity, `&owner` for an [`Owner`] that was kept.
///
/// Sealed: derive [`TagMapper`] for a type of your own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an owner of connections",
    label = "neither a reference to an entity nor to an `Owner`",
    note = "pass `&user`, where the type of `user` derives `nango_core::TagMapper`",
    note = "where only an id is known, pass `&nango_core::Owner::of::<User>(&id)`"
)]
pub trait IntoOwner: sealed::Sealed {
    /// Converts the argument.
    fn into_owner(self) -> OwnerIdentity;
}

impl<E: TagMapper> IntoOwner for &E {
    fn into_owner(self) -> OwnerIdentity {
        OwnerIdentity::of(self)
    }
}

impl IntoOwner for &Owner {
    fn into_owner(self) -> OwnerIdentity {
        OwnerIdentity { owner: self.clone(), tags: None }
    }
}

impl IntoOwner for OwnerIdentity {
    fn into_owner(self) -> OwnerIdentity {
        self
    }
}

impl IntoOwner for &OwnerIdentity {
    fn into_owner(self) -> OwnerIdentity {
        self.clone()
    }
}

mod sealed {
    use super::{Owner, OwnerIdentity, TagMapper};

    #[expect(unnameable_types, reason = "this is how a trait is sealed")]
    pub trait Sealed {}

    impl<E: TagMapper> Sealed for &E {}
    impl Sealed for &Owner {}
    impl Sealed for OwnerIdentity {}
    impl Sealed for &OwnerIdentity {}
}

nango_client::__debug_only!(OwnerIdentity { owner });

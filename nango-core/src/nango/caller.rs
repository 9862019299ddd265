//! Who asks.

use std::fmt;

use crate::entity::{Owner, TagMapper};
use crate::kinds::Kinds;
use crate::tags::{TagError, Tags};

/// An owner who asks for something, with the tags of the entity where there is one.
///
/// Methods take anything that becomes one: `&user` for an entity, `&owner` for an [`Owner`] that was kept.
#[derive(Clone)]
pub struct Caller {
    owner: Owner,
    tags: Option<Result<Tags, TagError>>,
}

impl Caller {
    /// The entity as a caller. Its type is left behind, so that what follows is compiled once for all entities.
    #[must_use]
    pub fn of<E: TagMapper>(entity: &E) -> Self {
        Self { owner: entity.owner(), tags: Some(entity.to_tags()) }
    }

    /// The owner who asks.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The tags that the entity has now, with ours; `None` when only the owner is known.
    pub(super) fn entity_tags(&self, kinds: &Kinds) -> Option<Result<Tags, TagError>> {
        let label = || kinds.label(self.owner.kind());
        self.tags.clone().map(|tags| tags.and_then(|tags| tags.with_owner_kind(&label())))
    }

    /// The tags for a new session. Where only the owner is known, they are what identifies it.
    pub(super) fn session_tags(&self, kinds: &Kinds) -> Result<Tags, TagError> {
        self.entity_tags(kinds).unwrap_or_else(|| {
            kinds.identifying_tags(&self.owner)?.with_owner_kind(&kinds.label(self.owner.kind()))
        })
    }
}

impl<E: TagMapper> From<&E> for Caller {
    fn from(entity: &E) -> Self {
        Self::of(entity)
    }
}

impl From<&Owner> for Caller {
    fn from(owner: &Owner) -> Self {
        Self { owner: owner.clone(), tags: None }
    }
}

impl From<&Self> for Caller {
    fn from(caller: &Self) -> Self {
        caller.clone()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("owner", &self.owner).finish_non_exhaustive()
    }
}

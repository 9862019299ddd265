//! One kind of owner.

use nango_client::Tags;

use super::attribution::{Attribution, AttributionFailure};
use super::id::OwnerId;
use super::mapper::TagMapper;
use super::owner::Owner;
use super::tag_keys::{ATTEMPT_ID, MAX_ENTITY_TAGS};
use crate::config::ConfigError;

/// One registered [`TagMapper`], with its type erased.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) id_tag: &'static str,
    pub(super) scope_tag: Option<&'static str>,
    tags: &'static [&'static str],
    pub(super) reads_back: fn(&str) -> bool,
}

impl Kind {
    pub(super) fn of<E: TagMapper>() -> Self {
        fn reads_back<Id: OwnerId>(text: &str) -> bool {
            Id::from_text(text).is_some()
        }
        Self {
            name: E::KIND,
            id_tag: E::ID_TAG,
            scope_tag: E::SCOPE_TAG,
            tags: E::TAGS,
            reads_back: reads_back::<E::Id>,
        }
    }

    /// Describes a kind without a type: every text is an id of it.
    pub(super) fn untyped(
        name: &'static str,
        id_tag: &'static str,
        scope_tag: Option<&'static str>,
        tags: &'static [&'static str],
    ) -> Self {
        Self { name, id_tag, scope_tag, tags, reads_back: |_| true }
    }

    /// Checks that a session can have the tag of an attempt besides those of this kind.
    pub(super) fn check_room_for_attempt(&self) -> Result<(), ConfigError> {
        let kind = self.name;
        if self.tags.contains(&ATTEMPT_ID) {
            return Err(ConfigError::ReservedTag { kind });
        }
        if self.tags.len() >= MAX_ENTITY_TAGS {
            return Err(ConfigError::TooManyTags { kind });
        }
        Ok(())
    }

    /// Returns whether this kind carries the other's identity tag: a user with an `organization_id`
    /// is more specific than the organisation.
    pub(super) fn is_more_specific_than(&self, other: &Self) -> bool {
        self.tags.contains(&other.id_tag) && !other.tags.contains(&self.id_tag)
    }

    /// Reads an owner of this kind from tags.
    pub(super) fn attribute(&self, tags: &Tags) -> Attribution {
        match tags.get(self.id_tag) {
            None => Attribution::Failed(AttributionFailure::NoIdentity),
            // Not passed on to the next kind: that would show one person's connection to a whole
            // organisation.
            Some(id) if !(self.reads_back)(id) => Attribution::Failed(AttributionFailure::UnreadableId),
            Some(id) => {
                let scope = self.scope_tag.and_then(|tag| tags.get(tag));
                Attribution::Owner(Owner::from_text(self.name, id, scope))
            }
        }
    }
}

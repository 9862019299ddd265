//! What a reconnect that does not repeat it wipes at Nango: what we remember of it, and what Nango has to get back.
//!
//! Observed on 0.71.4: any reconnect replaces the tags by the session's, none if it has none; one with an API key or the
//! like also empties the metadata.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Context, Finding};
use crate::entity::Owner;
use crate::kinds::Attribution;
use crate::reconcile::Found;
use crate::store::Record;
use crate::tags::Tags;
use crate::time::Timestamp;

/// When what was given back is looked at again: a refresh that was under way can write the wiped row back (observed on
/// 0.71.4).
const REPAIRED: Duration = Duration::from_secs(30);

/// The longest that is waited before it is tried once more.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What Nango has to get back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repair {
    /// Whose. Another one under the same name has nothing to do with it.
    pub(crate) incarnation: i64,
    pub(crate) tags: Option<Tags>,
    pub(crate) metadata: Option<Map<String, Value>>,
}

/// When something was given back, and how often before, if it did not stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repaired {
    at: Timestamp,
    #[serde(default)]
    before: u32,
}

impl Repaired {
    /// Once more. What does not stay, perhaps because our key may not write it, is looked at less and less often.
    pub(super) fn again(last: Option<Self>, now: Timestamp) -> Self {
        match last {
            None => Self { at: now, before: 0 },
            Some(last) if now < last.look_again_at() => last,
            Some(last) => Self { at: now, before: last.before.saturating_add(1) },
        }
    }

    pub(super) fn look_again_at(self) -> Timestamp {
        let longer = 1_u32.checked_shl(self.before).unwrap_or(u32::MAX);
        self.at.saturating_add(REPAIRED.saturating_mul(longer).min(LONGEST))
    }
}

/// What we know of a connection's tags and metadata after a look.
pub(super) struct Kept {
    pub(super) tags: BTreeMap<String, String>,
    pub(super) metadata: Map<String, Value>,
    pub(super) finding: Finding,
    pub(super) repair: Repair,
    /// Whether the look may be older than what we know.
    pub(super) doubtful: bool,
}

impl Repair {
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_none() && self.metadata.is_none()
    }

    /// How many requests it takes: a look whether it is still wanted, and one for each part.
    pub(crate) fn requests(&self) -> u32 {
        1 + u32::from(self.tags.is_some()) + u32::from(self.metadata.is_some())
    }
}

impl Context<'_> {
    /// Compares what we remember with what we saw of the same incarnation, whose owner is known.
    pub(super) fn keep(&self, owner: &Owner, row: &Record, seen: &Found) -> Kept {
        let (tags, finding, wiped_tags) = self.tags(owner, row, seen);
        let (metadata, wiped_metadata) = self.metadata(row, seen);
        // Whose connection it is, is not clear: nothing of it is ours to overwrite.
        let wiped_metadata = wiped_metadata.filter(|_| finding != Finding::OwnerConflict);
        // What is wiped is looked at before it is given back.
        let theirs = self.remembered(&seen.connection.metadata);
        let doubtful = seen.origin.may_lag() && !theirs.is_empty() && theirs != row.details.metadata;
        let incarnation = row.details.incarnation;
        let repair = Repair { incarnation, tags: wiped_tags, metadata: wiped_metadata };
        Kept { tags, metadata, finding, repair, doubtful }
    }

    /// The metadata to remember of a connection that is seen for the first time.
    pub(super) fn remembered(&self, metadata: &Map<String, Value>) -> Map<String, Value> {
        if self.keep_metadata { metadata.clone() } else { Map::new() }
    }

    /// The tags to remember, what they mean, and what Nango has to get back.
    fn tags(
        &self,
        owner: &Owner,
        row: &Record,
        seen: &Found,
    ) -> (BTreeMap<String, String>, Finding, Option<Tags>) {
        let ours = || row.details.tags.clone();
        match self.kinds.attribute(&seen.connection.tags) {
            Attribution::Owner(named) if named == *owner => {
                (seen.connection.tags.as_map().clone(), Finding::Nothing, None)
            }
            Attribution::Nobody(why) if why.is_silence() => {
                let wiped = Tags::received(ours());
                (ours(), Finding::Nothing, (!wiped.is_empty()).then_some(wiped))
            }
            // Not ours to overwrite: two apps would do so for ever.
            Attribution::Owner(_) | Attribution::Nobody(_) => (ours(), Finding::OwnerConflict, None),
        }
    }

    /// The metadata to remember, and what Nango has to get back. Who wants it empty says so through us: see
    /// [`Context::told`].
    fn metadata(&self, row: &Record, seen: &Found) -> (Map<String, Value>, Option<Map<String, Value>>) {
        let (ours, theirs) = (&row.details.metadata, &seen.connection.metadata);
        if !self.keep_metadata {
            return (Map::new(), None);
        }
        if theirs.is_empty() {
            return (ours.clone(), (!ours.is_empty()).then(|| ours.clone()));
        }
        // A list may show what was there before the app changed it.
        let newer = if seen.origin.may_lag() && !ours.is_empty() { ours } else { theirs };
        (newer.clone(), None)
    }
}

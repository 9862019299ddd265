//! Repairs: what a reconnect wiped at Nango, and what Nango has to get back.
//!
//! Observed on 0.71.4: any reconnect replaces the tags by the session's, by none if it has none;
//! one with an API key or the like also empties the metadata.

use std::collections::BTreeMap;

use nango_client::Tags;
use serde_json::{Map, Value};

use super::observation::{Context, Finding, FoundConnection, Repair};
use crate::owner::{Attribution, Owner};
use crate::record::Record;

/// Tags and metadata to remember after a look.
pub(super) struct Kept {
    pub(super) tags: BTreeMap<String, String>,
    pub(super) metadata: Map<String, Value>,
    pub(super) finding: Finding,
    pub(super) repair: Repair,
    /// `true` if the observation may be older than the row.
    pub(super) maybe_stale: bool,
}

impl Context<'_> {
    /// Compares a row with an observation of the same incarnation, whose owner is known.
    pub(super) fn keep(&self, owner: &Owner, row: &Record, found: &FoundConnection) -> Kept {
        let (tags, finding, wiped_tags) = self.tags(owner, row, found);
        let (metadata, wiped_metadata) = self.metadata(row, found);
        // The owner is in doubt: nothing of the connection is the app's to overwrite.
        let wiped_metadata = wiped_metadata.filter(|_| finding != Finding::OwnerConflict);
        // Wiped metadata is looked at again before it is restored, so only other metadata is in
        // doubt.
        let theirs = self.remembered(&found.connection.metadata);
        let maybe_stale = found.origin.may_lag() && !theirs.is_empty() && theirs != row.state().metadata;
        let incarnation = row.state().incarnation;
        let repair = Repair { incarnation, tags: wiped_tags, metadata: wiped_metadata };
        Kept { tags, metadata, finding, repair, maybe_stale }
    }

    /// Returns the metadata to remember of what Nango has.
    pub(super) fn remembered(&self, metadata: &Map<String, Value>) -> Map<String, Value> {
        if self.keep_metadata { metadata.clone() } else { Map::new() }
    }

    /// Returns the tags to remember, their meaning, and the tags that Nango has to get back.
    fn tags(
        &self,
        owner: &Owner,
        row: &Record,
        found: &FoundConnection,
    ) -> (BTreeMap<String, String>, Finding, Option<Tags>) {
        // Without the tag of an attempt, which is there if attempts were not tracked when the row was
        // written.
        let ours = || {
            let tags = Tags::from_nango(row.state().tags.clone());
            self.kinds.without_attempt(&tags).as_map().clone()
        };
        match self.kinds.attribute(&found.connection.tags) {
            Attribution::Owner(named) if named == *owner => {
                let tags = &found.connection.tags;
                let named = self.kinds.with_app_name(tags);
                (named.as_ref().unwrap_or(tags).as_map().clone(), Finding::Nothing, named)
            }
            Attribution::Failed(why) if why.is_unnamed() => {
                let wiped = Tags::from_nango(ours());
                // rule: wiped-tags
                (ours(), Finding::Nothing, (!wiped.is_empty()).then_some(wiped))
            }
            // rule: overwrites
            // Not restored: two apps would overwrite each other's tags for ever.
            Attribution::Owner(_) | Attribution::Failed(_) => (ours(), Finding::OwnerConflict, None),
        }
    }

    /// Returns the metadata to remember, and the metadata that Nango has to get back. An app that
    /// wants it empty says so by [`Context::metadata_set`].
    fn metadata(
        &self,
        row: &Record,
        found: &FoundConnection,
    ) -> (Map<String, Value>, Option<Map<String, Value>>) {
        let (ours, theirs) = (&row.state().metadata, &found.connection.metadata);
        if !self.keep_metadata {
            return (Map::new(), None);
        }
        if theirs.is_empty() {
            // rule: wiped-metadata
            return (ours.clone(), (!ours.is_empty()).then(|| ours.clone()));
        }
        // A list may be older than the app's last change of it.
        let newer = if found.origin.may_lag() && !ours.is_empty() { ours } else { theirs };
        (newer.clone(), None)
    }
}

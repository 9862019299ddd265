//! Changes of a row that do not come from a look, and the rows after a change.

use std::collections::BTreeMap;
use std::time::Duration;

use nango_client::{Tags, Timestamp};
use serde_json::{Map, Value};

use super::observation::Context;
use crate::owner::Owner;
use crate::record::{Change, HealthState, NotifiedState, Record, Removal, State, Transition, Version};

/// The time for which the row of an ended connection is kept, so that no old answer creates it
/// anew.
const TOMBSTONE: Duration = Duration::from_secs(60 * 60);

impl Context<'_> {
    /// The app ends the connection. Nango has deleted it already.
    pub(crate) fn disconnected(&self, row: &Record) -> Change {
        self.remove(row, Removal::Disconnected).change.unwrap_or_else(|| touch(row))
    }

    /// The handler was notified of the row's state.
    pub(crate) fn acknowledged(&self, row: &Record) -> Change {
        let state = State { notified: Some(row.notified_state()), ..row.state().clone() };
        let acknowledged = Record { announced: true, details: state.into(), ..row.clone() };
        // A tombstone needs its owner only for the notification.
        put(row, if row.removed { anonymous(acknowledged) } else { acknowledged })
    }

    /// The handler was last notified of another state than the row's. The notification of the row's
    /// state that comes now has a key of its own: one that has come before the other does not count.
    pub(crate) fn ack_revoked(&self, row: &Record, notified: &Record) -> Change {
        let state = State { notified: Some(notified.notified_state()), ..row.state().clone() };
        put(row, Record { announced: !self.notify, details: state.changed().into(), ..row.clone() })
    }

    /// The owner asked to be forgotten: the handler is not notified of the row any more.
    pub(crate) fn owner_erased(&self, row: &Record) -> Change {
        put(row, anonymous(Record { announced: true, ..row.clone() }))
    }

    /// A refresh is about to be forced.
    pub(crate) fn refresh_forced(&self, row: &Record) -> Change {
        let state = State { forced_at: Some(self.now), ..row.state().clone() };
        put(row, Record { details: state.into(), ..row.clone() })
    }

    /// The app has set the metadata, perhaps to an empty object.
    pub(crate) fn metadata_set(&self, row: &Record, metadata: &Map<String, Value>) -> Change {
        let state = State { metadata: self.remembered(metadata), ..row.state().clone() };
        put(row, Record { details: state.into(), ..row.clone() })
    }

    /// The app has transferred the connection to another owner, whose tags Nango has already.
    pub(crate) fn transferred(&self, row: &Record, to: &Owner, tags: &Tags) -> Change {
        // Without a handler, no notification would ever replace the old owner.
        let notified = row.state().notified.clone().filter(|_| self.notify);
        let state = State { tags: tags.as_map().clone(), notified, ..row.state().clone() }.changed();
        let owner = Some(to.clone());
        put(row, Record { owner, announced: !self.notify, details: state.into(), ..row.clone() })
            .with_transition(Some(Transition::Transferred))
    }

    /// A look failed: the next one is made after a pause.
    pub(crate) fn postponed(&self, row: &Record, pause: Duration) -> Change {
        let state = State { failures: row.state().failures.saturating_add(1), ..row.state().clone() };
        let look_again_at = Some(self.now.saturating_add(pause));
        put(row, Record { look_again_at, details: state.into(), ..row.clone() })
    }

    /// A marked look is not made: Nango would refuse it.
    pub(crate) fn unmarked(&self, row: &Record) -> Change {
        if row.is_mark() { erase(row) } else { touch(row) }
    }

    /// Erases the row of a connection that ended long ago and whose removal was notified.
    pub(crate) fn expired(&self, row: &Record) -> Option<Change> {
        let is_over = row.removed && row.announced && row.look_again_at.is_none();
        (is_over && self.now.since(row.state().health.since) > TOMBSTONE).then(|| erase(row))
    }
}

/// Replaces a row by another one.
pub(super) fn put(row: &Record, next: Record) -> Change {
    Change::put(Some(row.version), Record { version: Version::random(), ..next })
}

/// Gives the row a new version, after a look that found nothing to change.
pub(super) fn touch(row: &Record) -> Change {
    put(row, Record { look_again_at: None, ..row.clone() })
}

pub(super) fn erase(row: &Record) -> Change {
    Change::erase(row.key.clone(), row.version)
}

/// Removes everything personal from a tombstone.
pub(super) fn anonymous(row: Record) -> Record {
    let State { health, notified, .. } = row.state().clone();
    let health = HealthState { cause: None, ..health };
    let notified = notified.map(|notified| NotifiedState { owner: None, ..notified });
    let state = State {
        tags: BTreeMap::new(),
        metadata: Map::new(),
        health,
        label: None,
        notified,
        ..row.state().clone()
    };
    Record { owner: None, details: state.into(), ..row }
}

pub(super) fn earliest(one: Option<Timestamp>, other: Timestamp) -> Option<Timestamp> {
    Some(one.map_or(other, |one| one.min(other)))
}

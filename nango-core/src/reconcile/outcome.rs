//! Results of reconciliation.

use nango_client::Tags;
use serde_json::{Map, Value};

use crate::owner::AttributionFailure;
use crate::record::Change;

/// The consequences of an observation.
#[derive(Debug)]
pub(crate) struct Reconciled {
    /// The change to apply. Also present when nothing changes: a new version makes older looks
    /// stale.
    pub(crate) change: Option<Change>,
    pub(crate) finding: Finding,
    /// The tags and metadata that Nango has to get back, where a reconnect wiped them.
    pub(crate) repair: Option<Repair>,
}

/// Tags and metadata that Nango has to get back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repair {
    /// The incarnation that had them. Another one under the same key is another connection.
    pub(crate) incarnation: i64,
    pub(crate) tags: Option<Tags>,
    pub(crate) metadata: Option<Map<String, Value>>,
}

/// The meaning of an observation for the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing of which the app would be notified.
    Nothing,
    /// The app's view of the connection changed.
    Changed,
    /// The tags name another owner than the row. The row's owner stays.
    OwnerConflict,
    /// The connection does not belong to an owner of this app.
    Quarantined(AttributionFailure),
}

impl Reconciled {
    pub(super) fn nothing(change: Option<Change>) -> Self {
        Self { change, finding: Finding::Nothing, repair: None }
    }

    pub(super) fn changed(change: Change) -> Self {
        Self { change: Some(change), finding: Finding::Changed, repair: None }
    }
}

impl Repair {
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_none() && self.metadata.is_none()
    }

    /// Returns the number of requests: a look whether the repair is still wanted, and one for each
    /// part.
    pub(crate) fn requests(&self) -> u32 {
        1 + u32::from(self.tags.is_some()) + u32::from(self.metadata.is_some())
    }
}

//! Observations of a connection at Nango, and the results of reconciling a row with one.

use nango_client::{AuthFailure, Connection, Lookup, Refresh, Tags, Timestamp};
use serde_json::{Map, Value};

use super::health::Credentials;
use crate::owner::{AttributionFailure, OwnerKinds};
use crate::record::Change;

/// The answer of a look at Nango.
#[derive(Debug, Clone)]
pub(crate) enum Observation {
    /// Nango has the connection.
    Found(Box<FoundConnection>),
    /// Nango does not have the connection.
    Missing,
    /// Nango does not know the integration.
    UnknownIntegration,
}

/// A connection that Nango has.
#[derive(Debug, Clone)]
pub(crate) struct FoundConnection {
    pub(crate) connection: Connection,
    pub(crate) credentials: Credentials,
    pub(crate) origin: Origin,
    /// The attempt that its tags name. [`Context::reconcile`] takes it from them.
    pub(crate) attempt: Option<String>,
    /// The failure that a delivery reports, in words that Nango's API does not repeat. It explains a
    /// failure that Nango lists, and is none by itself.
    pub(crate) reported: Option<AuthFailure>,
}

/// The source of an observation. Lists can come from a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A list.
    List,
    /// The connection's own resource.
    Resource,
    /// A list that is read again and again: if it lags behind, the next one does not.
    Sweep,
}

impl Observation {
    pub(crate) fn listed(connection: Connection) -> Self {
        Self::found(connection, Credentials::NotRefused, Origin::List)
    }

    pub(crate) fn swept(connection: Connection) -> Self {
        Self::found(connection, Credentials::NotRefused, Origin::Sweep)
    }

    /// The connection's own resource, asked with this kind of refresh.
    pub(crate) fn looked_up(lookup: Lookup, refresh: Refresh) -> Self {
        let (connection, credentials) = match (lookup, refresh) {
            (Lookup::Missing, _) => return Self::Missing,
            (Lookup::UnknownIntegration, _) => return Self::UnknownIntegration,
            (Lookup::Working(connection), Refresh::WhenDue) => (connection, Credentials::NotRefused),
            (Lookup::Working(connection), Refresh::Force) => (connection, Credentials::NotRefusedWhenForced),
            (Lookup::Broken(connection), Refresh::WhenDue) => (connection, Credentials::Refused),
            (Lookup::Broken(connection), Refresh::Force) => (connection, Credentials::RefusedWhenForced),
        };
        Self::found(connection, credentials, Origin::Resource)
    }

    fn found(connection: Connection, credentials: Credentials, origin: Origin) -> Self {
        Self::Found(Box::new(FoundConnection {
            connection,
            credentials,
            origin,
            attempt: None,
            reported: None,
        }))
    }

    /// Adds the failure that a delivery reports.
    pub(crate) fn with_reported(mut self, failure: Option<&AuthFailure>) -> Self {
        if let Self::Found(found) = &mut self {
            found.reported = failure.cloned();
        }
        self
    }
}

impl Origin {
    /// Returns whether the observation may be older than the row.
    pub(crate) fn may_lag(self) -> bool {
        self != Self::Resource
    }
}

/// The circumstances under which rows are changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) kinds: &'a OwnerKinds,
    pub(crate) now: Timestamp,
    /// `true` if there is a handler to notify of changes.
    pub(crate) notify: bool,
    /// `true` if metadata is remembered, to restore it.
    pub(crate) keep_metadata: bool,
    /// `true` if the provider is asked for the labels of connections.
    pub(crate) labels: bool,
}

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

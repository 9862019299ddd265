//! Observations of a connection at Nango.

use nango_client::{Connection, Lookup, Refresh};

use super::health::Credentials;

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
            (Lookup::Working(connection), _) => (connection, Credentials::NotRefused),
            (Lookup::Broken(connection), Refresh::WhenDue) => (connection, Credentials::Refused),
            (Lookup::Broken(connection), Refresh::Force) => (connection, Credentials::RefusedWhenForced),
        };
        Self::found(connection, credentials, Origin::Resource)
    }

    fn found(connection: Connection, credentials: Credentials, origin: Origin) -> Self {
        Self::Found(Box::new(FoundConnection { connection, credentials, origin }))
    }
}

impl Origin {
    /// Returns whether the observation may be older than the row.
    pub(crate) fn may_lag(self) -> bool {
        self != Self::Resource
    }
}

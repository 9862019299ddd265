//! The health of a connection.

use std::fmt;
use std::str::FromStr;

use nango_client::Timestamp;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, HealthCause};

/// The health of a connection. Routes report the name that [`as_str`](Self::as_str) returns.
///
/// A connection whose credentials fail is first [`Degraded`](Self::Degraded). It
/// [needs a reconnect](Self::NeedsReconnect) as soon as a look finds one of these:
///
/// - Nango refuses a refresh that was forced, as by
///   [`OwnedConnection::check`](crate::OwnedConnection::check), or does not make it: it tests API
///   keys and the like once a day only, so that a check cannot find out more.
/// - Nango refuses the credentials half a minute or more after the first failure: until then it
///   answers without a new attempt.
/// - Half a minute or more after the first failure, Nango lists the failure of another attempt, or
///   still the one of a daily test. Refreshes that fail together, within that time, are one failure.
/// - The first failure is more than an hour ago, and Nango lists an error still.
///
/// From there only working credentials lead back, to [`Healthy`](Self::Healthy). While a connection
/// is degraded, looks follow by themselves, by the task of
/// [`spawn_sweeper`](crate::Nango::spawn_sweeper): 35 s after the first failure, and after an hour.
#[expect(clippy::exhaustive_enums, reason = "a page has to show every state")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    /// Nango lists no error of its credentials.
    Healthy,
    /// A refresh failed for the first time, and Nango will retry. Do not bother the person yet.
    Degraded,
    /// The credentials stopped working: offer a reconnect.
    NeedsReconnect,
    /// Nango does not have the connection any more.
    Gone,
    /// The health cannot be known, and a reconnect would not help.
    Unknown(UnknownHealth),
}

/// The reason why the health of a connection is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownHealth {
    /// Nango does not know the integration. It was renamed or deleted, or the API key is of another
    /// environment.
    Integration,
}

impl Health {
    /// Returns `healthy`, `degraded`, `needs_reconnect`, `gone` or `unknown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Gone => "gone",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the names that [`as_str`](Health::as_str) returns.
impl FromStr for Health {
    type Err = UnknownHealthName;

    fn from_str(name: &str) -> Result<Self, UnknownHealthName> {
        let known = [
            Self::Healthy,
            Self::Degraded,
            Self::NeedsReconnect,
            Self::Gone,
            Self::Unknown(UnknownHealth::Integration),
        ];
        known.into_iter().find(|health| health.as_str() == name).ok_or(UnknownHealthName)
    }
}

/// A text that does not name a [`Health`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a health: expected healthy, degraded, needs_reconnect, gone or unknown")]
#[non_exhaustive]
pub struct UnknownHealthName;

/// A health, and the facts that decide the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HealthState {
    #[serde(with = "Wire")]
    pub(crate) health: Health,
    pub(crate) since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failing: Option<Failing>,
    /// The cause of the last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Cause>,
}

/// The failure that a connection has had since it was last healthy.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failing {
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_id: Option<String>,
}

impl HealthState {
    pub(crate) fn new(health: Health, since: Timestamp) -> Self {
        Self { health, since, failing: None, cause: None }
    }

    /// Returns the cause of a failure.
    pub(crate) fn cause(&self) -> Option<HealthCause> {
        self.cause.clone().map(HealthCause::from)
    }

    /// The state `health`, which began now unless the previous state had it already.
    pub(crate) fn continued(previous: Option<&Self>, health: Health, now: Timestamp) -> Self {
        let since = previous.filter(|state| state.health == health).map_or(now, |state| state.since);
        Self::new(health, since)
    }
}

nango_client::__debug_only!(Failing { at });

/// The JSON of a health in a row. Public types do not have it: only this library reads it.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Health", rename_all = "snake_case")]
pub(super) enum Wire {
    Healthy,
    Degraded,
    NeedsReconnect,
    Gone,
    Unknown(#[serde(with = "UnknownWire")] UnknownHealth),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "UnknownHealth", rename_all = "snake_case")]
enum UnknownWire {
    Integration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_health_reads_back_from_its_name() {
        for health in [Health::Healthy, Health::Degraded, Health::NeedsReconnect, Health::Gone] {
            assert_eq!(health.to_string().parse(), Ok(health));
        }
        assert_eq!("Healthy".parse::<Health>(), Err(UnknownHealthName));
    }
}

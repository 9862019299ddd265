//! Whether a connection works, told from what Nango lists as its errors.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::connection::Connection;
use crate::time::Timestamp;

/// How long Nango leaves a connection alone after a failed refresh (observed on 0.71.4), and a little more.
const BACKED_OFF: Duration = Duration::from_secs(35);

/// How long Nango answers without a new attempt after a failed one (observed on 0.71.4).
const BACK_OFF: Duration = Duration::from_secs(30);

/// One error that stands so long is no hiccup.
const STANDING: Duration = Duration::from_secs(60 * 60);

/// The error type that says something about credentials. `sync` errors are about the app's syncs.
const AUTH: &str = "auth";

/// Whether a connection works. Routes call it by the name that [`as_str`](Self::as_str) gives.
#[expect(clippy::exhaustive_enums, reason = "a page has to show every state")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nango lists no error of its credentials.
    Healthy,
    /// A refresh failed for the first time, and Nango will try again. Do not bother the person yet.
    Degraded,
    /// The credentials do not work any more: offer a reconnect.
    NeedsReconnect,
    /// Nango has no such connection any more.
    Gone,
    /// Nobody can tell, and it is not the connection's fault. A reconnect would not help.
    Unknown(UnknownHealth),
}

/// Why the health of a connection is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownHealth {
    /// Nango does not know the integration. It was renamed or deleted, or the API key is of another environment.
    Integration,
}

impl Health {
    /// `healthy`, `degraded`, `needs_reconnect`, `gone` or `unknown`.
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

/// A health, and what it takes to tell the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HealthState {
    pub(crate) health: Health,
    pub(crate) since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failing: Option<Failing>,
}

/// The failure that a connection has had since it was last healthy.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failing {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_id: Option<String>,
}

impl fmt::Debug for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failing").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What a look said of the credentials, beyond the list of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nothing: the look did not touch them, or they were given.
    Unrefused,
    /// `invalid_credentials`: a refresh failed now, or not long ago, or too often.
    Refused,
    /// `invalid_credentials` to a refresh that was forced.
    RefusedWhenForced,
}

impl HealthState {
    pub(crate) fn new(health: Health, since: Timestamp) -> Self {
        Self { health, since, failing: None }
    }

    /// The state `health`, which began now unless it stood already.
    pub(crate) fn or_since(previous: Option<&Self>, health: Health, now: Timestamp) -> Self {
        let since = previous.filter(|state| state.health == health).map_or(now, |state| state.since);
        Self::new(health, since)
    }

    /// The health of a connection that Nango has, and when to look again.
    pub(crate) fn assess(
        previous: Option<&Self>,
        seen: &Connection,
        credentials: Credentials,
        now: Timestamp,
    ) -> (Self, Option<Timestamp>) {
        let error = seen.errors.iter().find(|error| error.kind == AUTH);
        if error.is_none() && credentials == Credentials::Unrefused {
            return (Self::or_since(previous, Health::Healthy, now), None);
        }
        let log_id = error.map(|error| error.log_id.clone());
        let (failing, known) = match previous.and_then(|state| state.failing.clone()) {
            Some(failing) => (failing, true),
            None => (Failing { at: now, log_id: log_id.clone() }, false),
        };
        let age = now.since(failing.at);
        let for_good = credentials == Credentials::RefusedWhenForced
            || previous.is_some_and(|state| state.health == Health::NeedsReconnect)
            || age > STANDING
            || (credentials == Credentials::Refused && age >= BACK_OFF)
            || (known && log_id.is_some() && failing.log_id.is_some() && log_id != failing.log_id);
        if for_good {
            let state = Self::or_since(previous, Health::NeedsReconnect, now);
            return (Self { failing: Some(failing), ..state }, None);
        }
        let again = if age < BACKED_OFF { BACKED_OFF } else { STANDING };
        let look_again_at = failing.at.saturating_add(again);
        let state = Self::or_since(previous, Health::Degraded, now);
        (Self { failing: Some(failing), ..state }, Some(look_again_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{ConnectionError, ConnectionRef};
    use crate::tags::Tags;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn seen(errors: &[(&str, &str)]) -> Connection {
        let error = |(kind, log_id): &(&str, &str)| ConnectionError {
            kind: (*kind).to_owned(),
            log_id: (*log_id).to_owned(),
        };
        Connection {
            key: ConnectionRef::new("slack", "c"),
            incarnation: 1,
            provider: "slack".to_owned(),
            tags: Tags::new(),
            errors: errors.iter().map(error).collect(),
            created_at: at(0),
            metadata: serde_json::Map::new(),
        }
    }

    fn look(previous: Option<&HealthState>, errors: &[(&str, &str)], seconds: i64) -> HealthState {
        HealthState::assess(previous, &seen(errors), Credentials::Unrefused, at(seconds)).0
    }

    #[test]
    fn sync_errors_are_not_health() {
        assert_eq!(look(None, &[("sync", "1")], 0).health, Health::Healthy);
    }

    #[test]
    fn one_failure_degrades_and_a_second_one_needs_a_person() {
        let first = look(None, &[("auth", "1")], 0);
        assert_eq!(first.health, Health::Degraded);
        let same = look(Some(&first), &[("auth", "1")], 40);
        assert_eq!(same.health, Health::Degraded);
        let other = look(Some(&same), &[("auth", "2")], 80);
        assert_eq!((other.health, other.since), (Health::NeedsReconnect, at(80)));
        let healed = look(Some(&other), &[], 90);
        assert_eq!((healed.health, healed.since, &healed.failing), (Health::Healthy, at(90), &None));
    }

    #[test]
    fn a_failure_that_stands_for_an_hour_needs_a_person() {
        let first = look(None, &[("auth", "1")], 0);
        assert_eq!(look(Some(&first), &[("auth", "1")], 3600).health, Health::Degraded);
        assert_eq!(look(Some(&first), &[("auth", "1")], 3601).health, Health::NeedsReconnect);
    }

    #[test]
    fn refused_credentials_count_once_nango_has_stopped_backing_off() {
        let refused = |previous: Option<&HealthState>, seconds| {
            HealthState::assess(previous, &seen(&[]), Credentials::Refused, at(seconds)).0
        };
        let first = refused(None, 0);
        assert_eq!(first.health, Health::Degraded);
        assert_eq!(refused(Some(&first), 29).health, Health::Degraded);
        assert_eq!(refused(Some(&first), 30).health, Health::NeedsReconnect);
        let forced = HealthState::assess(None, &seen(&[]), Credentials::RefusedWhenForced, at(0)).0;
        assert_eq!(forced.health, Health::NeedsReconnect);
    }

    #[test]
    fn the_next_look_is_after_the_back_off_then_after_the_hour() {
        let (first, again) =
            HealthState::assess(None, &seen(&[("auth", "1")]), Credentials::Unrefused, at(0));
        assert_eq!(again, Some(at(35)));
        let later =
            HealthState::assess(Some(&first), &seen(&[("auth", "1")]), Credentials::Unrefused, at(36));
        assert_eq!(later.1, Some(at(3600)));
    }
}

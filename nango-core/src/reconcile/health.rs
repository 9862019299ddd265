//! The health of a connection, from the errors that Nango lists and the answers to refreshes.

use std::time::Duration;

use nango_client::{Connection, Timestamp};

use crate::record::{Failing, Health, HealthState};

/// The pause in which Nango does not retry a failed refresh (observed on 0.71.4), and a little
/// more.
const RETRY_AFTER_BACKOFF: Duration = Duration::from_secs(35);

/// The pause in which Nango answers without a new attempt after a failed one (observed on 0.71.4).
const NANGO_BACKOFF: Duration = Duration::from_secs(30);

/// An error that persists this long is not transient.
const PERSISTENT_AFTER: Duration = Duration::from_secs(60 * 60);

/// The error type that concerns credentials. `sync` errors concern the app's syncs.
const AUTH: &str = "auth";

/// The verdict of a look on the credentials, beyond the list of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// The look did not touch the credentials, or they work.
    NotRefused,
    /// `invalid_credentials`: a refresh failed now, or not long ago, or too often.
    Refused,
    /// `invalid_credentials` to a refresh that was forced.
    RefusedWhenForced,
}

/// Returns the health of a connection that Nango has, and the time of the next look.
pub(super) fn assess(
    previous: Option<&HealthState>,
    found: &Connection,
    credentials: Credentials,
    now: Timestamp,
) -> (HealthState, Option<Timestamp>) {
    let error = found.errors.iter().find(|error| error.kind == AUTH);
    // rule: sync-errors
    if error.is_none() && credentials == Credentials::NotRefused {
        return (HealthState::continued(previous, Health::Healthy, now), None);
    }
    let log_id = error.map(|error| error.log_id.clone());
    let (failing, known) = match previous.and_then(|state| state.failing.clone()) {
        Some(failing) => (failing, true),
        None => (Failing { at: now, log_id: log_id.clone() }, false),
    };
    let age = now.since(failing.at);
    let for_good = credentials == Credentials::RefusedWhenForced
        || previous.is_some_and(|state| state.health == Health::NeedsReconnect)
        || age > PERSISTENT_AFTER
        || (credentials == Credentials::Refused && age >= NANGO_BACKOFF)
        || (known && log_id.is_some() && failing.log_id.is_some() && log_id != failing.log_id);
    // rule: first-failure
    if for_good {
        let state = HealthState::continued(previous, Health::NeedsReconnect, now);
        return (HealthState { failing: Some(failing), ..state }, None);
    }
    let again = if age < RETRY_AFTER_BACKOFF { RETRY_AFTER_BACKOFF } else { PERSISTENT_AFTER };
    let look_again_at = failing.at.saturating_add(again);
    let state = HealthState::continued(previous, Health::Degraded, now);
    (HealthState { failing: Some(failing), ..state }, Some(look_again_at))
}

#[cfg(test)]
mod tests {
    use nango_client::{ConnectionError, ConnectionKey};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn seen(errors: &[(&str, &str)]) -> Connection {
        let mut connection = Connection::new(ConnectionKey::new("slack", "c"), 1, "slack", at(0));
        connection.errors.extend(errors.iter().map(|(kind, log_id)| ConnectionError::new(*kind, *log_id)));
        connection
    }

    fn look(previous: Option<&HealthState>, errors: &[(&str, &str)], seconds: i64) -> HealthState {
        assess(previous, &seen(errors), Credentials::NotRefused, at(seconds)).0
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
            assess(previous, &seen(&[]), Credentials::Refused, at(seconds)).0
        };
        let first = refused(None, 0);
        assert_eq!(first.health, Health::Degraded);
        assert_eq!(refused(Some(&first), 29).health, Health::Degraded);
        assert_eq!(refused(Some(&first), 30).health, Health::NeedsReconnect);
        let forced = assess(None, &seen(&[]), Credentials::RefusedWhenForced, at(0)).0;
        assert_eq!(forced.health, Health::NeedsReconnect);
    }

    #[test]
    fn the_next_look_is_after_the_back_off_then_after_the_hour() {
        let (first, again) = assess(None, &seen(&[("auth", "1")]), Credentials::NotRefused, at(0));
        assert_eq!(again, Some(at(35)));
        let later = assess(Some(&first), &seen(&[("auth", "1")]), Credentials::NotRefused, at(36));
        assert_eq!(later.1, Some(at(3600)));
    }
}

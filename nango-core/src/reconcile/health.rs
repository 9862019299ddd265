//! The health of a connection, from the errors that Nango lists and the answers to refreshes.

use std::time::Duration;

use nango_client::{AuthFailure, Connection, Timestamp};

use crate::record::{Cause, Failing, Health, HealthState};

/// The pause in which Nango does not retry a failed refresh (observed on 0.71.4), and a little
/// more.
const RETRY_AFTER_BACKOFF: Duration = Duration::from_secs(35);

/// The pause in which Nango answers without a new attempt after a failed one (observed on 0.71.4).
const NANGO_BACKOFF: Duration = Duration::from_secs(30);

/// An error that persists this long is not transient.
const PERSISTENT_AFTER: Duration = Duration::from_secs(60 * 60);

/// The failure of a test of credentials that Nango cannot refresh, such as API keys. It tests them once
/// a day, and not when they are read (observed on 0.71.4): no look sees a new attempt.
const FAILED_TEST: &str = "connection_test_failed";

/// The error type that concerns credentials. `sync` errors concern the app's syncs.
const AUTH: &str = "auth";

/// The verdict of a look on the credentials, beyond the list of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// The look did not touch the credentials, or they work.
    NotRefused,
    /// A forced refresh was not refused. Where Nango lists an error all the same, it has not tried: a
    /// refresh that succeeds empties the list (observed on 0.71.4).
    NotRefusedWhenForced,
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
    reported: Option<&AuthFailure>,
    now: Timestamp,
) -> (HealthState, Option<Timestamp>) {
    let error = found.errors.iter().find(|error| error.kind == AUTH);
    // rule: sync-errors
    let is_refused = matches!(credentials, Credentials::Refused | Credentials::RefusedWhenForced);
    if error.is_none() && !is_refused {
        return (HealthState::continued(previous, Health::Healthy, now), None);
    }
    let log_id = error.map(|error| error.log_id.clone());
    let cause = cause(previous, log_id.as_ref(), reported);
    let failing = match previous.and_then(|state| state.failing.clone()) {
        Some(failing) if now.since(failing.at) >= NANGO_BACKOFF => failing,
        // Refreshes that run at the same time fail together, and one of them may succeed yet. The
        // errors that are listed meanwhile are one failure, whichever of its attempts they name.
        Some(burst) => Failing { log_id: log_id.clone().or(burst.log_id), ..burst },
        None => Failing { at: now, log_id: log_id.clone() },
    };
    let age = now.since(failing.at);
    let is_settled = age >= NANGO_BACKOFF;
    let is_other_attempt = log_id.is_some() && failing.log_id.is_some() && log_id != failing.log_id;
    let will_not_be_tried = cause.as_ref().is_some_and(|cause| cause.is_of_kind(FAILED_TEST));
    // rule: burst
    let for_good = matches!(credentials, Credentials::RefusedWhenForced | Credentials::NotRefusedWhenForced)
        || previous.is_some_and(|state| state.health == Health::NeedsReconnect)
        || age > PERSISTENT_AFTER
        || is_settled && (credentials == Credentials::Refused || is_other_attempt || will_not_be_tried);
    // rule: first-failure
    if for_good {
        let state = HealthState::continued(previous, Health::NeedsReconnect, now);
        return (HealthState { failing: Some(failing), cause, ..state }, None);
    }
    let again = if age < RETRY_AFTER_BACKOFF { RETRY_AFTER_BACKOFF } else { PERSISTENT_AFTER };
    let look_again_at = failing.at.saturating_add(again);
    let state = HealthState::continued(previous, Health::Degraded, now);
    (HealthState { failing: Some(failing), cause, ..state }, Some(look_again_at))
}

/// Returns the cause of a failure: the words of the delivery, or those that are known of the same
/// attempt, or what the list says.
fn cause(
    previous: Option<&HealthState>,
    log_id: Option<&String>,
    reported: Option<&AuthFailure>,
) -> Option<Cause> {
    let known = previous.and_then(|state| state.cause.clone());
    match (reported, known) {
        (Some(failure), _) => {
            Some(Cause::new(&failure.kind, failure.description.as_deref(), log_id.cloned()))
        }
        (None, Some(known)) if log_id.is_none() || log_id == known.log_id.as_ref() => Some(known),
        (None, known) => log_id.map(|log_id| Cause::new(AUTH, None, Some(log_id.clone()))).or(known),
    }
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
        assess(previous, &seen(errors), Credentials::NotRefused, None, at(seconds)).0
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
    fn the_cause_is_the_one_of_the_delivery_until_another_attempt_fails() {
        let look = |previous: Option<&HealthState>, log_id: &str, reported: Option<&AuthFailure>| {
            assess(previous, &seen(&[("auth", log_id)]), Credentials::NotRefused, reported, at(0)).0
        };
        let shown = |state: &HealthState| {
            let cause = state.cause().unwrap();
            let description = cause.description().map(|text| text.chars().take(7).collect::<String>());
            (cause.kind().to_owned(), description, cause.log_id().map(str::to_owned))
        };
        let is = |kind: &str, description: Option<&str>, log_id: &str| {
            (kind.to_owned(), description.map(str::to_owned), Some(log_id.to_owned()))
        };
        let failure = AuthFailure::new("refresh_failed", Some("revoked".repeat(1_000)));
        let reported = look(None, "1", Some(&failure));
        assert_eq!(shown(&reported), is("refresh_failed", Some("revoked"), "1"));
        assert_eq!(reported.cause().unwrap().description().unwrap().len(), 1_000);
        assert_eq!(shown(&look(Some(&reported), "1", None)), is("refresh_failed", Some("revoked"), "1"));
        assert_eq!(shown(&look(Some(&reported), "2", None)), is("auth", None, "2"));
        assert_eq!(look(Some(&reported), "1", Some(&failure)), reported);
        let healed = assess(Some(&reported), &seen(&[]), Credentials::NotRefused, Some(&failure), at(1)).0;
        assert_eq!(healed.cause(), None, "a replayed delivery is not a failure");
    }

    #[test]
    fn refreshes_that_fail_together_are_one_failure() {
        let first = look(None, &[("auth", "1")], 0);
        let second = look(Some(&first), &[("auth", "2")], 3);
        assert_eq!((second.health, second.since), (Health::Degraded, at(0)));
        let healed = look(Some(&second), &[], 4);
        assert_eq!(healed.health, Health::Healthy);
        // Nothing was tried since: the error is the one of the burst.
        let later = look(Some(&second), &[("auth", "2")], 35);
        assert_eq!(later.health, Health::Degraded);
        assert_eq!(look(Some(&later), &[("auth", "3")], 36).health, Health::NeedsReconnect);
        assert_eq!(look(Some(&first), &[("auth", "2")], 30).health, Health::NeedsReconnect);
    }

    #[test]
    fn a_failed_test_needs_a_person_once_it_has_settled() {
        let failure = AuthFailure::new(FAILED_TEST, None::<String>);
        let errors = seen(&[("auth", "1")]);
        let tested = |previous: Option<&HealthState>, reported, seconds| {
            assess(previous, &errors, Credentials::NotRefused, reported, at(seconds))
        };
        let (first, again) = tested(None, Some(&failure), 0);
        assert_eq!((first.health, again), (Health::Degraded, Some(at(35))));
        assert_eq!(tested(Some(&first), None, 29).0.health, Health::Degraded);
        assert_eq!(tested(Some(&first), None, 35).0.health, Health::NeedsReconnect);
        let failure = AuthFailure::new("refresh_token_external_error", None::<String>);
        let (refresh, _) = tested(None, Some(&failure), 0);
        assert_eq!(tested(Some(&refresh), None, 35).0.health, Health::Degraded, "Nango tries again");
    }

    #[test]
    fn an_error_that_a_forced_refresh_leaves_is_for_good() {
        let forced = |errors: &[(&str, &str)]| {
            let degraded = look(None, &[("auth", "1")], 0);
            assess(Some(&degraded), &seen(errors), Credentials::NotRefusedWhenForced, None, at(1)).0.health
        };
        assert_eq!(forced(&[("auth", "1")]), Health::NeedsReconnect);
        assert_eq!(forced(&[("sync", "1")]), Health::Healthy);
        assert_eq!(forced(&[]), Health::Healthy);
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
            assess(previous, &seen(&[]), Credentials::Refused, None, at(seconds)).0
        };
        let first = refused(None, 0);
        assert_eq!(first.health, Health::Degraded);
        assert_eq!(refused(Some(&first), 29).health, Health::Degraded);
        assert_eq!(refused(Some(&first), 30).health, Health::NeedsReconnect);
        let forced = assess(None, &seen(&[]), Credentials::RefusedWhenForced, None, at(0)).0;
        assert_eq!(forced.health, Health::NeedsReconnect);
    }

    #[test]
    fn the_next_look_is_after_the_back_off_then_after_the_hour() {
        let (first, again) = assess(None, &seen(&[("auth", "1")]), Credentials::NotRefused, None, at(0));
        assert_eq!(again, Some(at(35)));
        let later = assess(Some(&first), &seen(&[("auth", "1")]), Credentials::NotRefused, None, at(36));
        assert_eq!(later.1, Some(at(3600)));
    }
}

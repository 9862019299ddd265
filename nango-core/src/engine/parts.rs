//! Parts of the engine: the budget of deliveries, looks that hung, notices, triggers of looks.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use nango_client::{AuthEvent, AuthFailure, Connection, ConnectionKey, Operation};
use tokio::time::Instant;

use super::deadlines::LOOK;
use crate::owner::AttributionFailure;
use crate::queue::QueuedEvent;
use crate::reconcile::{Finding, Observation};
use crate::record::Record;
use crate::sync::lock;

/// Nango's limit of requests per minute until a response has named the account's (observed on
/// 0.71.4).
const DEFAULT_LIMIT: u32 = 200;

/// Unknown connections that may have a mark: a holder of a signing key could fill the store with
/// them.
pub(super) const MAX_UNKNOWN_MARKS: usize = 10_000;

/// The budget of looks, and of marks of unknown connections.
///
/// Deliveries and requests of owners each have a share of Nango's rate limit. The rest is for
/// sessions, disconnects and the app's own calls.
pub(super) struct Budget {
    share: f64,
    looks: Mutex<Looks>,
    unknown_marks: AtomicUsize,
}

/// The cause of a look that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spender {
    Delivery,
    Owner,
}

struct Looks {
    limit: u32,
    deliveries: DefaultDirectRateLimiter,
    owners: DefaultDirectRateLimiter,
}

impl Looks {
    fn new(limit: u32, share: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32")]
        let per_minute = NonZeroU32::new((f64::from(limit) * share) as u32).unwrap_or(NonZeroU32::MIN);
        let limiter = || RateLimiter::direct(Quota::per_minute(per_minute));
        Self { limit, deliveries: limiter(), owners: limiter() }
    }
}

impl Budget {
    pub(super) fn new(share: f64) -> Self {
        let looks = Mutex::new(Looks::new(DEFAULT_LIMIT, share));
        Self { share, looks, unknown_marks: AtomicUsize::new(0) }
    }

    /// Takes one look, if there is one left of the share of the account's limit.
    pub(super) fn take_look(&self, spender: Spender, limit: Option<u32>) -> bool {
        let mut looks = lock(&self.looks);
        if let Some(limit) = limit.filter(|limit| *limit != looks.limit) {
            *looks = Looks::new(limit, self.share);
        }
        let limiter = match spender {
            Spender::Delivery => &looks.deliveries,
            Spender::Owner => &looks.owners,
        };
        limiter.check().is_ok()
    }

    /// Takes one mark of an unknown connection, if there is one left.
    pub(super) fn take_unknown_mark(&self) -> bool {
        let more = |marks: usize| (marks < MAX_UNKNOWN_MARKS).then_some(marks + 1);
        self.unknown_marks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Returns the mark of an unknown connection that was looked at, or was not written.
    pub(super) fn return_unknown_mark(&self) {
        let fewer = |marks: usize| Some(marks.saturating_sub(1));
        let _ = self.unknown_marks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    /// Sets the number of marks of unknown connections that the store has.
    pub(super) fn set_unknown_marks(&self, marks: usize) {
        self.unknown_marks.store(marks, Ordering::Relaxed);
    }
}

/// The connections at which a look has just hung. Deliveries do not wait for another one: each
/// replay would hold up its sender as long, and the mark that it leaves is there already.
#[derive(Default)]
pub(super) struct Hanging(Mutex<HashMap<ConnectionKey, Instant>>);

impl Hanging {
    /// Remembers a connection for as long as a look may take.
    pub(super) fn insert(&self, key: &ConnectionKey) {
        let mut hanging = lock(&self.0);
        // Looks are few at a time, so these are, too.
        hanging.retain(|_, until| *until > Instant::now());
        hanging.insert(key.clone(), Instant::now() + LOOK);
    }

    pub(super) fn remove(&self, key: &ConnectionKey) {
        lock(&self.0).remove(key);
    }

    pub(super) fn contains(&self, key: &ConnectionKey) -> bool {
        lock(&self.0).get(key).is_some_and(|until| *until > Instant::now())
    }
}

/// An event of which the app is notified at most once: no row remembers it. It is not `Debug`, since
/// an unrecognized body may contain anything.
pub(crate) enum Notice {
    ConnectFailed { event: AuthEvent, live: Option<Record> },
    Event(QueuedEvent),
    OtherEnvironment { integration: String, environment: String },
    OwnerConflict(Record),
    Quarantined { integration: String, why: AttributionFailure },
    Unrecognized(Bytes),
}

impl Notice {
    /// Returns the integration that it is about, if it is about one.
    pub(super) fn integration(&self) -> Option<&str> {
        match self {
            Self::ConnectFailed { event, .. } => Some(event.connection.integration()),
            Self::Event(event) => Some(event.connection().integration()),
            Self::OtherEnvironment { integration, .. } | Self::Quarantined { integration, .. } => {
                Some(integration)
            }
            Self::OwnerConflict(row) => Some(row.key.integration()),
            Self::Unrecognized(_) => None,
        }
    }

    /// Returns the size of the delivery that it keeps.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Event(event) => event.body().len(),
            Self::Unrecognized(body) => body.len(),
            Self::ConnectFailed { .. }
            | Self::OtherEnvironment { .. }
            | Self::OwnerConflict(_)
            | Self::Quarantined { .. } => 0,
        }
    }
}

/// The trigger of a look.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trigger<'a> {
    /// A delivery. The list answers without touching the credentials, and is believed where it does
    /// not contradict.
    Webhook(&'a AuthEvent),
    /// A mark that is due. No caller waits for it.
    Mark,
    /// A caller asks for the current state.
    Request,
    /// A caller asks Nango to refresh the credentials.
    ForcedRefresh,
}

/// The outcome of a look.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    /// The row after the look, if there is one.
    pub(crate) row: Option<Record>,
    pub(crate) finding: Finding,
    pub(super) observation: Observation,
}

impl<'a> Trigger<'a> {
    /// Returns the failure that a delivery reports of the connection's credentials. One of an attempt
    /// to connect says nothing about them.
    pub(super) fn reported_failure(self) -> Option<&'a AuthFailure> {
        match self {
            Trigger::Webhook(event) if event.operation == Operation::Refresh && !event.success => {
                event.failure.as_ref()
            }
            _ => None,
        }
    }

    /// Returns whether another caller's look, which began after this trigger, is an answer to it.
    pub(super) fn is_answered_by(self, looked: &Looked) -> bool {
        match (self, &looked.observation) {
            (Trigger::ForcedRefresh, _) => false,
            (Trigger::Webhook(event), Observation::Found(found)) => {
                !found.origin.may_lag() || agrees(event, &found.connection)
            }
            (Trigger::Request, Observation::Found(found)) => !found.origin.may_lag(),
            (Trigger::Mark | Trigger::Webhook(_) | Trigger::Request, _) => true,
        }
    }
}

/// Returns whether the list's answer can be the state that the event is about.
pub(super) fn agrees(event: &AuthEvent, found: &Connection) -> bool {
    let broken = found.errors.iter().any(|error| error.kind == "auth");
    let same_tag = |(key, value): (&String, &String)| found.tags.get(key) == Some(value.as_str());
    let tags = event.tags.as_ref().is_none_or(|tags| tags.iter().all(same_tag));
    tags && broken != event.success
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_and_owners_have_a_share_of_the_limit_each() {
        let budget = Budget::new(0.3);
        let take = |spender, limit| (0..500).filter(|_| budget.take_look(spender, limit)).count();
        assert_eq!(take(Spender::Owner, None), 60, "of 200 by default");
        assert_eq!(take(Spender::Owner, None), 0);
        assert_eq!(take(Spender::Delivery, None), 60, "owners take nothing from deliveries");
        assert_eq!(take(Spender::Delivery, Some(1_000)), 300, "of the limit that Nango reports");
        assert_eq!(take(Spender::Delivery, None), 0, "a response without the header changes nothing");
        assert_eq!(take(Spender::Delivery, Some(1)), 1, "never nothing at all");
    }
    #[test]
    fn each_unknown_mark_that_goes_makes_room_for_one() {
        let budget = Budget::new(0.3);
        let taken = |attempts: usize| (0..attempts).filter(|_| budget.take_unknown_mark()).count();
        assert_eq!(taken(2 * MAX_UNKNOWN_MARKS), MAX_UNKNOWN_MARKS);
        budget.return_unknown_mark();
        assert_eq!(taken(5), 1);
        budget.set_unknown_marks(MAX_UNKNOWN_MARKS - 2);
        assert_eq!(taken(5), 2);
    }
}

//! Parts of the engine: looks that hung, notices, triggers of looks.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use nango_client::{AuthEvent, AuthFailure, Connection, ConnectionKey, Operation};
use tokio::time::Instant;

use super::deadlines::LOOK;
use crate::owner::AttributionFailure;
use crate::queue::QueuedEvent;
use crate::reconcile::{Finding, Observation};
use crate::record::Record;
use crate::sync::lock;

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
        let mut hanging = lock(&self.0);
        // As it is nearly always: the key need not be hashed.
        if !hanging.is_empty() {
            hanging.remove(key);
        }
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

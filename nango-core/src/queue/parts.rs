//! What a queue and a worker say to each other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nango_client::Timestamp;

/// An event that one worker holds.
#[derive(Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The event's [key](super::QueuedEvent::key).
    pub key: String,
    /// The text of [`QueuedEvent::to_json`](super::QueuedEvent::to_json).
    pub event: Arc<str>,
    /// The number of attempts that failed.
    pub failures: u32,
    /// The number of claims that ended by themselves.
    pub deaths: u32,
    /// The queue's name of this claim: no other claim of this event has it, while events that were claimed
    /// together may share it.
    pub token: String,
}

impl Claim {
    /// Creates a claim, for an implementation of [`WorkQueue`](super::WorkQueue).
    #[must_use]
    pub fn new(key: String, event: impl Into<Arc<str>>, failures: u32, deaths: u32, token: String) -> Self {
        Self { key, event: event.into(), failures, deaths, token }
    }
}

nango_client::__debug_only!(Claim { key, failures, deaths });

/// The end of a claim.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settlement {
    /// The claim.
    pub claim: Claim,
    /// What becomes of its event.
    pub outcome: Outcome,
}

impl Settlement {
    /// Creates a settlement, for a worker of your own.
    #[must_use]
    pub fn new(claim: Claim, outcome: Outcome) -> Self {
        Self { claim, outcome }
    }
}

/// What becomes of the event of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It becomes a dead letter.
    Dead {
        /// The number of attempts that failed, with the last one.
        failures: u32,
        /// The reason, as [`DeadLetter::reason`] has it.
        reason: String,
    },
    /// It was handled, and is erased.
    Done,
    /// It failed: it waits for this long, with one more failure.
    Failed {
        /// The time to wait.
        retry_after: Duration,
    },
    /// It was not handled: it waits for this long, and nothing is counted.
    Released {
        /// The time to wait.
        retry_after: Duration,
    },
}

/// An event that is not tried any more.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The event's [key](super::QueuedEvent::key).
    pub key: String,
    /// The text of [`QueuedEvent::to_json`](super::QueuedEvent::to_json).
    pub event: Arc<str>,
    /// The number of attempts that failed.
    pub failures: u32,
    /// The number of workers that ended while they held it.
    pub deaths: u32,
    /// The reason, in the words of the app's handler where it failed last.
    pub reason: String,
    /// The time at which it was given up.
    pub since: Timestamp,
}

impl DeadLetter {
    /// Creates a dead letter, for an implementation of [`WorkQueue`](super::WorkQueue).
    #[must_use]
    pub fn new(claim: Claim, reason: String, since: Timestamp) -> Self {
        let Claim { key, event, failures, deaths, token: _ } = claim;
        Self { key, event, failures, deaths, reason, since }
    }
}

nango_client::__debug_only!(DeadLetter { key, failures, deaths, since });

/// The number of events in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueDepth {
    /// Events that wait, for a worker or for their next attempt.
    pub waiting: u64,
    /// Events that a worker holds, or held until it ended.
    pub claimed: u64,
    /// Dead letters.
    pub dead: u64,
}

impl QueueDepth {
    /// Creates the numbers, for an implementation of [`WorkQueue`](super::WorkQueue).
    #[must_use]
    pub fn new(waiting: u64, claimed: u64, dead: u64) -> Self {
        Self { waiting, claimed, dead }
    }
}

impl fmt::Display for QueueDepth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waiting, {} claimed, {} dead", self.waiting, self.claimed, self.dead)
    }
}

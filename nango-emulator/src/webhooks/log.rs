//! What was sent, when, and what came back.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// One webhook to one URL, with every attempt made so far.
///
/// `Debug` leaves out the body and the signatures: a body carries connection ids.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Counts up from 1 within one emulator.
    pub id: u64,
    /// When it was decided to send it.
    pub created_at: Timestamp,
    /// `auth` or `forward`.
    pub kind: &'static str,
    /// `creation`, `override` or `refresh` of an auth webhook.
    pub operation: Option<&'static str>,
    /// Where it goes.
    pub url: String,
    /// The exact bytes, as text.
    pub body: String,
    /// `X-Nango-Hmac-Sha256`.
    pub hmac_sha256: String,
    /// `X-Nango-Signature`.
    pub signature: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What became of a [`Delivery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// Under way, or waiting for its next attempt.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Lost: refused for good, or three attempts without success.
    Failed,
    /// Never tried: a fault said so, or the circuit breaker was open.
    Dropped,
}

/// One HTTP request of a [`Delivery`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it was begun.
    pub at: Timestamp,
    /// The receiver's status; `None` when it did not answer.
    pub status: Option<u16>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("operation", &self.operation)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// The latest deliveries.
#[derive(Default)]
pub(crate) struct Log {
    next: u64,
    entries: std::collections::VecDeque<Delivery>,
}

impl Log {
    const KEPT: usize = 10_000;

    pub(crate) fn add(&mut self, mut delivery: Delivery) -> u64 {
        self.next += 1;
        delivery.id = self.next;
        self.entries.push_back(delivery);
        if self.entries.len() > Self::KEPT {
            self.entries.pop_front();
        }
        self.next
    }

    pub(crate) fn change(&mut self, id: u64, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = self.entries.iter_mut().rev().find(|entry| entry.id == id) {
            change(delivery);
        }
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

//! Log of webhook deliveries.

use std::time::SystemTime;

use serde::Serialize;

use crate::time::serialize_utc;

/// One webhook to one URL with its attempts.
///
/// `Debug` omits the body, which carries connection ids, and the signatures.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Counts from 1 within one emulator.
    pub id: u64,
    /// Time at which the webhook was created.
    #[serde(serialize_with = "serialize_utc")]
    pub created_at: SystemTime,
    /// `auth`, `forward`, `sync` or `async_action`.
    pub kind: &'static str,
    /// `creation`, `override` or `refresh` of an auth webhook.
    pub operation: Option<&'static str>,
    /// Destination.
    pub url: String,
    /// Exact body, as text.
    pub body: String,
    /// `X-Nango-Hmac-Sha256`.
    pub hmac_sha256: String,
    /// `X-Nango-Signature`.
    pub signature: String,
    /// Current state.
    pub state: DeliveryState,
    /// Attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// State of a [`Delivery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// In flight, or waiting for the next attempt.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Rejected by the receiver, or failed in all three attempts.
    Failed,
    /// Never sent, because of a fault or an open circuit.
    Dropped,
}

/// One HTTP request of a [`Delivery`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Start of the request.
    #[serde(serialize_with = "serialize_utc")]
    pub at: SystemTime,
    /// Status of the response; `None` if there was none.
    pub status: Option<u16>,
}

debug_only!(Delivery { id, kind, operation, state, attempts });

/// Bounded log of the latest deliveries.
#[derive(Default)]
pub(crate) struct DeliveryLog {
    next: u64,
    entries: std::collections::VecDeque<Delivery>,
}

impl DeliveryLog {
    const CAPACITY: usize = 10_000;

    pub(crate) fn add(&mut self, mut delivery: Delivery) -> u64 {
        self.next += 1;
        delivery.id = self.next;
        self.entries.push_back(delivery);
        if self.entries.len() > Self::CAPACITY {
            self.entries.pop_front();
        }
        self.next
    }

    pub(crate) fn update(&mut self, id: u64, update: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = self.entries.iter_mut().rev().find(|entry| entry.id == id) {
            update(delivery);
        }
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

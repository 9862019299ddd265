//! Calls of the queue, with growing pauses while it is unavailable.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::late::late;
use crate::backoff::{Backoff, jittered};
use crate::nango::Nango;
use crate::report::BackgroundFailure;
use crate::store::StoreError;

/// The pauses while the queue is unavailable.
const OUTAGE: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(15));

/// The failures in a row of one call of the queue, and the time of the next.
pub(super) struct Calls {
    pub(super) failures: u32,
    pub(super) next: Instant,
}

impl Calls {
    pub(super) fn new() -> Self {
        Self { failures: 0, next: Instant::now() }
    }

    pub(super) fn are_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// Passes on what the queue returned. A failure postpones the next call.
    pub(super) fn checked<T>(
        &mut self,
        nango: &Nango,
        what: &'static str,
        result: Result<Result<T, StoreError>, Elapsed>,
    ) -> Option<T> {
        match result.unwrap_or_else(|_| Err(late(what))) {
            Ok(value) => {
                self.failures = 0;
                Some(value)
            }
            Err(error) => {
                self.next = Instant::now() + jittered(OUTAGE.after(self.failures));
                self.failures = self.failures.saturating_add(1);
                nango.report(BackgroundFailure::EventQueue { what, error: error.into() });
                None
            }
        }
    }
}

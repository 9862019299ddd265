//! The attempts that callers of this process wait for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::attempts::{AttemptId, AttemptText, Target};
use crate::record::Attempts;
use crate::sync::lock;

/// The time between two looks of this process at Nango's newest connections, for all attempts.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The time for which a key that may not list is not tried again.
const NO_LIST: Duration = Duration::from_secs(300);

/// The attempts that callers of this process wait for.
#[derive(Default)]
pub(super) struct WaitingAttempts {
    waiting: Mutex<HashMap<AttemptId, Waiting>>,
    next_look: Mutex<Option<Instant>>,
}

struct Waiting {
    callers: usize,
    /// Notified when a row of the attempt is written by this process.
    written: Arc<Notify>,
    /// The integrations in question; any if there are none.
    integrations: Vec<String>,
}

/// A caller that waits. It has stopped when this is dropped.
pub(super) struct Caller<'a> {
    attempts: &'a WaitingAttempts,
    pub(super) id: AttemptId,
    pub(super) written: Arc<Notify>,
}

impl WaitingAttempts {
    pub(super) fn enter(&self, attempt: &AttemptText) -> Caller<'_> {
        let id = attempt.id();
        let mut waiting = lock(&self.waiting);
        let entry = waiting.entry(id.clone()).or_insert_with(|| Waiting {
            callers: 0,
            written: Arc::default(),
            integrations: match attempt.target() {
                Target::Connect { integrations } => integrations.clone(),
                Target::Reconnect { integration, .. } => vec![integration.clone()],
            },
        });
        entry.callers += 1;
        Caller { attempts: self, id, written: Arc::clone(&entry.written) }
    }

    /// Takes the next look, if it is time for one.
    pub(super) fn take_look(&self) -> bool {
        let mut next = lock(&self.next_look);
        let now = Instant::now();
        let is_time = next.is_none_or(|next| next <= now);
        if is_time {
            *next = Some(now + LOOK_EVERY);
        }
        is_time
    }

    pub(super) fn pause_looks(&self) {
        *lock(&self.next_look) = Some(Instant::now() + NO_LIST);
    }

    /// Returns the integrations in question, in Nango's form; `None` for any.
    pub(super) fn integrations(&self) -> Option<String> {
        let waiting = lock(&self.waiting);
        let mut ids: Vec<&str> = Vec::new();
        for attempt in waiting.values() {
            if attempt.integrations.is_empty() {
                return None;
            }
            ids.extend(attempt.integrations.iter().map(String::as_str));
        }
        ids.sort_unstable();
        ids.dedup();
        Some(ids.join(","))
    }

    /// Wakes the callers that wait for one of these attempts.
    pub(super) fn wake(&self, written: &Attempts) {
        if written.is_empty() {
            return;
        }
        let waiting = lock(&self.waiting);
        for (_, attempt) in waiting.iter().filter(|(id, _)| written.contains(id.as_str())) {
            attempt.written.notify_waiters();
        }
    }

    pub(super) fn is_waiting(&self, id: &str) -> bool {
        lock(&self.waiting).keys().any(|waiting| waiting.as_str() == id)
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.attempts.waiting);
        if let Some(entry) = waiting.get_mut(&self.id) {
            entry.callers -= 1;
            if entry.callers == 0 {
                waiting.remove(&self.id);
            }
        }
    }
}

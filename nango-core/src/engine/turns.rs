//! The limit of handlers that run at a time, and of notifications that wait for their turn.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The number of calls of the app's handler at a time. `WebhookHandler` documents it.
pub(super) const MAX_HANDLERS: usize = 16;

/// The number of notices that wait for a turn. `WebhookHandler` documents it.
const MAX_WAITING: u32 = 1_000;

/// The bytes that a waiting notice may have before it counts as more than one: a thousand large
/// deliveries would take a gigabyte.
const BYTES_OF_ONE: usize = 32 * 1024;

/// The right to call the handler.
pub(super) type Turn = Option<OwnedSemaphorePermit>;

/// The turns of the app's handler.
pub(super) struct Turns {
    handlers: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            handlers: Arc::new(Semaphore::new(MAX_HANDLERS)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING as usize)),
        }
    }

    /// Takes a turn, if there is one left and no caller waits for it.
    pub(super) fn try_take(&self) -> Option<Turn> {
        Arc::clone(&self.handlers).try_acquire_owned().ok().map(Some)
    }

    /// Waits for a turn. Those that wait get theirs in the order in which they came.
    pub(super) async fn take(&self) -> Turn {
        // The semaphore is never closed, so this does not fail.
        Arc::clone(&self.handlers).acquire_owned().await.ok()
    }

    /// Takes a place among the notices that wait, for one of so many bytes.
    pub(super) fn try_wait(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let places = u32::try_from(bytes / BYTES_OF_ONE).unwrap_or(MAX_WAITING);
        let places = places.saturating_add(1).min(MAX_WAITING);
        Arc::clone(&self.waiting).try_acquire_many_owned(places).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn large_notices_take_the_places_of_many() {
        let turns = Turns::new();
        let places = |bytes: usize| {
            let taken: Vec<_> = std::iter::from_fn(|| turns.try_wait(bytes)).collect();
            taken.len()
        };
        assert_eq!(places(0), 1_000);
        assert_eq!(places(1024 * 1024), 30);
        assert_eq!(places(usize::MAX), 1, "the largest one alone");
    }

    #[tokio::test]
    async fn a_caller_that_waits_comes_before_one_that_does_not() {
        let turns = Turns::new();
        let mut taken: Vec<_> = std::iter::from_fn(|| turns.try_take()).collect();
        assert_eq!(taken.len(), MAX_HANDLERS);
        let mut waiting = std::pin::pin!(turns.take());
        assert!(tokio::time::timeout(Duration::from_millis(10), waiting.as_mut()).await.is_err());
        taken.pop();
        assert!(turns.try_take().is_none());
        waiting.await;
    }
}

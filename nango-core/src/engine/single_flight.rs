//! Single-flight: at most one look runs and one is queued for each connection.
//!
//! A caller that arrives during a look waits for the next one: the current look may predate the
//! event that brought the caller. A cancelled look lets the next caller run its own, since the lock
//! is released with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nango_client::ConnectionKey;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard};

use crate::sync::lock;

/// The looks in flight. `T` is the outcome of a look.
pub(super) struct SingleFlight<T>(Mutex<HashMap<ConnectionKey, Arc<Slot<T>>>>);

struct Slot<T> {
    /// The number of waiters. Changed only under the map's lock.
    waiters: AtomicUsize,
    /// The number of looks that have begun.
    begun: AtomicU64,
    last: AsyncMutex<Last<T>>,
}

struct Last<T> {
    /// The number of the look that ended last.
    number: u64,
    outcome: Option<T>,
}

/// A caller in the queue of one connection.
pub(crate) struct Waiter<'a, T> {
    flights: &'a SingleFlight<T>,
    key: ConnectionKey,
    slot: Arc<Slot<T>>,
    /// The first look that begins after this caller arrived.
    number: u64,
}

/// The exclusive right to look.
pub(crate) struct Guard<'a, T> {
    slot: &'a Slot<T>,
    last: AsyncGuard<'a, Last<T>>,
}

impl<T> SingleFlight<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(super) fn join(&self, key: &ConnectionKey) -> Waiter<'_, T> {
        let new = || Slot {
            waiters: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            last: AsyncMutex::new(Last { number: 0, outcome: None }),
        };
        let mut slots = lock(&self.0);
        let slot = slots.entry(key.clone()).or_insert_with(|| Arc::new(new())).clone();
        slot.waiters.fetch_add(1, Ordering::SeqCst);
        drop(slots);
        let number = slot.begun.load(Ordering::SeqCst) + 1;
        // rule: late-comer
        Waiter { flights: self, key: key.clone(), slot, number }
    }
}

impl<T: Clone> Waiter<'_, T> {
    /// Waits for the lock; returns an outcome instead, when a look that began late enough has had
    /// one that `is_enough`.
    pub(super) async fn wait(&self, is_enough: impl Fn(&T) -> bool) -> Result<T, Guard<'_, T>> {
        let last = self.slot.last.lock().await;
        match &last.outcome {
            Some(outcome) if last.number >= self.number && is_enough(outcome) => Ok(outcome.clone()),
            _ => Err(Guard { slot: &self.slot, last }),
        }
    }
}

impl<T> Waiter<'_, T> {
    /// Waits for the lock, for work that is not a look. No look of this process at the connection
    /// by itself runs while it is held. Lists are read all the same; their results are written
    /// after it, if the row is unchanged.
    pub(crate) async fn lock(&self) -> Guard<'_, T> {
        Guard { slot: &self.slot, last: self.slot.last.lock().await }
    }
}

impl<T> Guard<'_, T> {
    /// Begins a look. Without [`finish`](Self::finish) its outcome is not shared.
    pub(super) fn begin(&mut self) {
        self.last.outcome = None;
        self.last.number = self.slot.begun.fetch_add(1, Ordering::SeqCst) + 1;
    }

    /// Ends the look, and shares its outcome with those that wait for it.
    pub(super) fn finish(mut self, outcome: &T)
    where
        T: Clone,
    {
        // A caller that arrived after `begin` waits for a later look. So those that can share this one are all
        // counted by now, besides the one that has looked.
        let is_awaited = self.slot.waiters.load(Ordering::SeqCst) > 1;
        self.last.outcome = is_awaited.then(|| outcome.clone());
    }
}

impl<T> Drop for Waiter<'_, T> {
    fn drop(&mut self) {
        let mut slots = lock(&self.flights.0);
        // The last waiter: the slot is not needed any more.
        if self.slot.waiters.fetch_sub(1, Ordering::Relaxed) == 1 {
            slots.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn look(flights: &SingleFlight<usize>, looks: &AtomicUsize) -> usize {
        let key = ConnectionKey::new("slack", "c");
        let waiter = flights.join(&key);
        match waiter.wait(|_| true).await {
            Ok(shared) => shared,
            Err(mut guard) => {
                guard.begin();
                let number = looks.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                guard.finish(&number);
                number
            }
        }
    }

    #[tokio::test]
    async fn a_caller_that_arrives_during_a_look_shares_the_next_one() {
        let (flights, looks) = (SingleFlight::new(), AtomicUsize::new(0));
        let late = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            tokio::join!(look(&flights, &looks), look(&flights, &looks), look(&flights, &looks))
        };
        let (first, late) = tokio::join!(look(&flights, &looks), late);
        assert_eq!((first, late), (1, (2, 2, 2)));
        assert!(lock(&flights.0).is_empty(), "without waiters no slot is kept");
    }

    #[tokio::test]
    async fn an_outcome_that_no_caller_waits_for_is_not_kept() {
        let flights = SingleFlight::new();
        let key = ConnectionKey::new("slack", "c");
        for waiting in [0, 1] {
            let waiter = flights.join(&key);
            let waiting: Vec<_> = (0..waiting).map(|_| flights.join(&key)).collect();
            let Err(mut guard) = waiter.wait(|_: &usize| true).await else { panic!("no look was made") };
            guard.begin();
            guard.finish(&7);
            for waiter in &waiting {
                assert!(matches!(waiter.wait(|_| true).await, Ok(7)));
            }
            assert_eq!(waiter.slot.last.lock().await.outcome.is_some(), !waiting.is_empty());
        }
    }

    #[tokio::test]
    async fn a_cancelled_look_lets_the_next_caller_look() {
        let (flights, looks) = (SingleFlight::new(), AtomicUsize::new(0));
        let cancelled = tokio::time::timeout(Duration::from_millis(5), look(&flights, &looks));
        let (cancelled, second) = tokio::join!(cancelled, look(&flights, &looks));
        assert!(cancelled.is_err());
        assert_eq!(second, 2);
        assert!(lock(&flights.0).is_empty());
    }
}

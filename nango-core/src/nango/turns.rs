//! One look at a time, and one waiting, for each connection.
//!
//! Who comes while a look runs shares the *next* one: the running one may have begun before what brought them here. Who leads
//! and is cancelled hands over, since the turn is a lock that is dropped with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard as Guard, PoisonError};

use tokio::sync::{Mutex as Queue, MutexGuard as Held};

use crate::connection::ConnectionRef;

/// Who is looking at what. `T` is what a look leads to.
pub(super) struct Turns<T>(Mutex<HashMap<ConnectionRef, Arc<Slot<T>>>>);

struct Slot<T> {
    /// How many have a ticket. Changed only under the map's lock.
    tickets: AtomicUsize,
    /// How many looks have begun.
    begun: AtomicU64,
    last: Queue<Last<T>>,
}

struct Last<T> {
    /// The number of the look that ended last.
    number: u64,
    outcome: Option<T>,
}

/// A place in the queue of one connection.
pub(super) struct Ticket<'a, T> {
    turns: &'a Turns<T>,
    key: ConnectionRef,
    slot: Arc<Slot<T>>,
    /// The first look that begins after this place was taken.
    number: u64,
}

/// The right to look.
pub(super) struct Turn<'a, T> {
    slot: &'a Slot<T>,
    last: Held<'a, Last<T>>,
}

impl<T: Clone> Turns<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(super) fn queue(&self, key: &ConnectionRef) -> Ticket<'_, T> {
        let new = || Slot {
            tickets: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            last: Queue::new(Last { number: 0, outcome: None }),
        };
        let mut slots = self.slots();
        let slot = slots.entry(key.clone()).or_insert_with(|| Arc::new(new())).clone();
        slot.tickets.fetch_add(1, Ordering::Relaxed);
        drop(slots);
        let number = slot.begun.load(Ordering::SeqCst) + 1;
        Ticket { turns: self, key: key.clone(), slot, number }
    }

    fn slots(&self) -> Guard<'_, HashMap<ConnectionRef, Arc<Slot<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Ticket<'_, T> {
    /// Waits for the turn; gives an outcome instead when a look that began late enough has had one that will `do_for` us.
    pub(super) async fn wait(&self, do_for: impl Fn(&T) -> bool) -> Result<T, Turn<'_, T>> {
        let last = self.slot.last.lock().await;
        match &last.outcome {
            Some(outcome) if last.number >= self.number && do_for(outcome) => Ok(outcome.clone()),
            _ => Err(Turn { slot: &self.slot, last }),
        }
    }
}

impl<T> Ticket<'_, T> {
    /// Waits for the turn, for something that is no look. Nobody in this process looks at the connection by itself while it is
    /// held. Lists are read all the same, and what they show is written after it, if the row is still the same.
    pub(super) async fn alone(&self) -> Turn<'_, T> {
        Turn { slot: &self.slot, last: self.slot.last.lock().await }
    }
}

impl<T> Turn<'_, T> {
    /// A look begins. Without [`end`](Self::end) its outcome is nobody else's.
    pub(super) fn begin(&mut self) {
        self.last.outcome = None;
        self.last.number = self.slot.begun.fetch_add(1, Ordering::SeqCst) + 1;
    }

    pub(super) fn end(mut self, outcome: T) {
        self.last.outcome = Some(outcome);
    }
}

impl<T> Drop for Ticket<'_, T> {
    fn drop(&mut self) {
        let mut slots = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Ours was the last: nobody waits.
        if self.slot.tickets.fetch_sub(1, Ordering::Relaxed) == 1 {
            slots.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn look(turns: &Turns<usize>, looks: &AtomicUsize) -> usize {
        let key = ConnectionRef::new("slack", "c");
        let ticket = turns.queue(&key);
        match ticket.wait(|_| true).await {
            Ok(shared) => shared,
            Err(mut turn) => {
                turn.begin();
                let number = looks.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                turn.end(number);
                number
            }
        }
    }

    #[tokio::test]
    async fn who_comes_while_a_look_runs_shares_the_next_one() {
        let (turns, looks) = (Turns::new(), AtomicUsize::new(0));
        let late = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            tokio::join!(look(&turns, &looks), look(&turns, &looks), look(&turns, &looks))
        };
        let (first, late) = tokio::join!(look(&turns, &looks), late);
        assert_eq!((first, late), (1, (2, 2, 2)));
        assert!(turns.slots().is_empty(), "nobody waits, nothing is kept");
    }

    #[tokio::test]
    async fn a_cancelled_leader_hands_over() {
        let (turns, looks) = (Turns::new(), AtomicUsize::new(0));
        let cancelled = tokio::time::timeout(Duration::from_millis(5), look(&turns, &looks));
        let (cancelled, second) = tokio::join!(cancelled, look(&turns, &looks));
        assert!(cancelled.is_err());
        assert_eq!(second, 2);
        assert!(turns.slots().is_empty());
    }
}

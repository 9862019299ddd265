//! A queue in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use nango_client::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::contract::{EventQueue, WorkQueue};
use super::event::QueuedEvent;
use super::parts::{Claim, DeadLetter, Outcome, QueueDepth, Settlement};
use crate::store::StoreError;
use crate::sync::lock;

/// Keeps events in memory, for tests and first steps. All events are lost with the process. Clones
/// share their events.
#[derive(Debug, Clone)]
pub struct MemoryEventQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lease: Duration,
    events: Mutex<BTreeMap<String, Entry>>,
    pushed: Notify,
}

struct Entry {
    event: Arc<str>,
    failures: u32,
    deaths: u32,
    state: State,
}

nango_client::__debug_only!(Entry { failures, deaths });

enum State {
    Waiting { due: Instant },
    Claimed { token: String, until: Instant },
    Dead { reason: String, since: Timestamp },
}

impl Default for MemoryEventQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryEventQueue {
    /// Creates an empty queue, whose claims hold for 30 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::with_lease(Duration::from_secs(30))
    }

    /// Creates an empty queue, whose claims hold for `lease`.
    #[must_use]
    pub fn with_lease(lease: Duration) -> Self {
        Self(Arc::new(Shared { lease, events: Mutex::default(), pushed: Notify::new() }))
    }

    fn events(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        lock(&self.0.events)
    }
}

impl Entry {
    /// Returns the time from which the event may be claimed; `None` for a dead letter.
    fn due(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { due } => Some(due),
            State::Claimed { until, .. } => Some(until),
            State::Dead { .. } => None,
        }
    }

    fn is_held(&self, claim: &Claim) -> bool {
        matches!(&self.state, State::Claimed { token, .. } if *token == claim.token)
    }

    fn claim(&mut self, key: &str, until: Instant) -> Claim {
        self.deaths += u32::from(matches!(self.state, State::Claimed { .. }));
        let token = format!("{:032x}", rand::random::<u128>());
        self.state = State::Claimed { token: token.clone(), until };
        Claim::new(key.to_owned(), self.event.clone(), self.failures, self.deaths, token)
    }
}

#[async_trait]
impl EventQueue for MemoryEventQueue {
    async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
        let state = State::Waiting { due: Instant::now() };
        let entry = Entry { event: event.to_json().into(), failures: 0, deaths: 0, state };
        self.events().entry(event.key().to_owned()).or_insert(entry);
        self.0.pushed.notify_one();
        Ok(())
    }
}

#[async_trait]
impl WorkQueue for MemoryEventQueue {
    fn lease(&self) -> Duration {
        self.0.lease
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError> {
        let now = Instant::now();
        let mut events = self.events();
        let mut due: Vec<_> =
            events.iter_mut().filter(|(_, entry)| entry.due().is_some_and(|due| due <= now)).collect();
        due.sort_by_key(|(_, entry)| entry.due());
        Ok(due.into_iter().take(limit).map(|(key, entry)| entry.claim(key, now + self.0.lease)).collect())
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
        let now = Instant::now();
        let mut events = self.events();
        let mut renew = |claim: &Claim| match events.get_mut(&claim.key) {
            Some(Entry { state: State::Claimed { token, until }, .. }) if *token == claim.token => {
                *until = now + self.0.lease;
                true
            }
            _ => false,
        };
        Ok(claims.iter().map(&mut renew).collect())
    }

    async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        let now = Instant::now();
        let mut events = self.events();
        for Settlement { claim, outcome } in settlements {
            let Some(entry) = events.get_mut(&claim.key).filter(|entry| entry.is_held(claim)) else {
                continue;
            };
            entry.state = match outcome {
                Outcome::Done => {
                    events.remove(&claim.key);
                    continue;
                }
                Outcome::Dead { failures, reason } => {
                    entry.failures = *failures;
                    State::Dead { reason: reason.clone(), since: Timestamp::now() }
                }
                Outcome::Failed { retry_after } => {
                    entry.failures += 1;
                    State::Waiting { due: now + *retry_after }
                }
                Outcome::Released { retry_after } => State::Waiting { due: now + *retry_after },
            };
        }
        Ok(())
    }

    async fn wait(&self, longest: Duration) {
        // Whether something was pushed or the time is over, the next claim finds out.
        let _ = timeout(longest, self.0.pushed.notified()).await;
    }

    async fn depth(&self) -> Result<QueueDepth, StoreError> {
        let mut depth = QueueDepth::default();
        for entry in self.events().values() {
            match entry.state {
                State::Waiting { .. } => depth.waiting += 1,
                State::Claimed { .. } => depth.claimed += 1,
                State::Dead { .. } => depth.dead += 1,
            }
        }
        Ok(depth)
    }

    async fn dead_letters(&self, after: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let events = self.events();
        let dead = events.iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
        let dead = dead.filter_map(|(key, entry)| match &entry.state {
            State::Dead { reason, since } => {
                let claim =
                    Claim::new(key.clone(), entry.event.clone(), entry.failures, entry.deaths, String::new());
                Some(DeadLetter::new(claim, reason.clone(), *since))
            }
            State::Waiting { .. } | State::Claimed { .. } => None,
        });
        Ok(dead.take(limit).collect())
    }

    async fn replay(&self, key: &str) -> Result<bool, StoreError> {
        let mut events = self.events();
        let dead = events.get_mut(key).filter(|entry| matches!(entry.state, State::Dead { .. }));
        let Some(entry) = dead else { return Ok(false) };
        (entry.failures, entry.deaths) = (0, 0);
        entry.state = State::Waiting { due: Instant::now() };
        self.0.pushed.notify_one();
        Ok(true)
    }

    async fn discard(&self, key: &str) -> Result<bool, StoreError> {
        let mut events = self.events();
        let is_dead = events.get(key).is_some_and(|entry| matches!(entry.state, State::Dead { .. }));
        if is_dead {
            events.remove(key);
        }
        Ok(is_dead)
    }
}

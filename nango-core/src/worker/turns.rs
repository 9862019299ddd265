//! Turns: events of one connection one after the other, in this process and, by a lease, in all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_client::ConnectionKey;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::late::late;
use crate::engine::Engine;
use crate::store::{Lease, StoreError};
use crate::sync::lock;

/// The connections at which a handler of this worker runs, each with the number of events that were refused
/// meanwhile.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, u32>>>);

/// The pause of an event whose connection is another event's at the moment. It grows with the number of those
/// that wait, so that a backlog of one connection is not claimed again and again.
const BUSY: Duration = Duration::from_millis(250);

const LONGEST: Duration = Duration::from_secs(30);

/// The answer to an event that asks for the turn of its connection.
pub(super) enum Asked {
    Taken(Turn),
    /// Another event has it: come again after this pause.
    Busy(Duration),
}

/// The turn of one event. Ends when this is dropped; [`end`](Self::end) also releases its lease.
pub(super) struct Turn {
    turns: Turns,
    name: String,
    engine: Engine,
    /// Different for each turn: a release that comes late must not end the next one.
    holder: String,
    span: Duration,
    /// The time until which no other worker has the turn, by this machine's clock.
    until: Instant,
}

impl Turns {
    /// Takes the turn of a connection, for `span`, if no other event of it is handled.
    pub(super) async fn take(
        &self,
        engine: &Engine,
        key: &ConnectionKey,
        span: Duration,
    ) -> Result<Asked, StoreError> {
        let name = lease_name(key);
        match lock(&self.0).entry(name.clone()) {
            Entry::Occupied(mut refused) => {
                let refused = refused.get_mut();
                *refused = refused.saturating_add(1);
                return Ok(Asked::Busy(BUSY.saturating_mul(*refused).min(LONGEST)));
            }
            Entry::Vacant(free) => {
                free.insert(0);
            }
        }
        let holder = format!("{:032x}", rand::random::<u128>());
        let until = Instant::now() + span;
        let turn = Turn { turns: self.clone(), name, engine: engine.clone(), holder, span, until };
        // Another worker does not say for how long.
        Ok(if turn.acquire().await? { Asked::Taken(turn) } else { Asked::Busy(BUSY * 4) })
    }
}

impl Turn {
    fn lease(&self) -> Option<&dyn Lease> {
        self.engine.store.lease()
    }

    /// Takes or prolongs the lease. A store that does not answer must not hold up the event for ever.
    async fn acquire(&self) -> Result<bool, StoreError> {
        let Some(lease) = self.lease() else { return Ok(true) };
        let call = lease.acquire(&self.name, &self.holder, self.span);
        timeout(self.span / 6, call).await.unwrap_or_else(|_| Err(late("take the lease of a connection")))
    }

    /// Waits for work, and prolongs the turn meanwhile. `None` when another worker may have it.
    pub(super) async fn keep_during<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.lease().is_none() {
            return Some(work.await);
        }
        let lost = async {
            let (mut until, mut pause) = (self.until, self.span / 3);
            loop {
                let asked = Instant::now() + pause;
                let tried = async {
                    sleep_until(asked).await;
                    self.acquire().await
                };
                match timeout_at(until, tried).await {
                    Ok(Ok(true)) => (until, pause) = (asked + self.span, self.span / 3),
                    Ok(Err(_)) => pause = self.span / 12,
                    Ok(Ok(false)) | Err(_) => return,
                }
            }
        };
        let (work, lost) = (pin!(work), pin!(lost));
        tokio::select! {
            done = work => Some(done),
            () = lost => None,
        }
    }

    pub(super) async fn end(self) {
        if let Some(lease) = self.lease() {
            // If this fails, the lease ends by itself.
            let _ = timeout(self.span / 6, lease.release(&self.name, &self.holder)).await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.turns.0).remove(&self.name);
    }
}

/// Returns the name of the lease of a connection, which does not contain its id.
fn lease_name(key: &ConnectionKey) -> String {
    let mut hash = Sha256::new();
    hash.update(key.integration().len().to_le_bytes());
    hash.update(key.integration());
    hash.update(key.connection_id());
    let mut text = hex::encode(hash.finalize());
    text.truncate(32);
    format!("events {text}")
}

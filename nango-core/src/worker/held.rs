//! The claims that a worker holds, and the time until which each of them is its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::late::late;
use crate::queue::{Claim, WorkQueue};
use crate::store::StoreError;
use crate::sync::lock;

/// The claims of a worker. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<Id, Entry>>>);

/// The event's key and the claim's token.
type Id = (String, String);

fn id(claim: &Claim) -> Id {
    (claim.key.clone(), claim.token.clone())
}

struct Entry {
    claim: Claim,
    until: watch::Sender<Instant>,
}

/// A claim that is held until this is dropped.
pub(super) struct Hold {
    held: Held,
    id: Id,
    until: watch::Receiver<Instant>,
}

impl Held {
    /// Holds a claim that was asked for at `asked`, by this machine's clock: its lease began later.
    pub(super) fn hold(&self, claim: &Claim, asked: Instant, lease: Duration) -> Hold {
        let (until, receiver) = watch::channel(asked + lease);
        lock(&self.0).insert(id(claim), Entry { claim: claim.clone(), until });
        Hold { held: self.clone(), id: id(claim), until: receiver }
    }

    /// Returns all claims.
    pub(super) fn claims(&self) -> Vec<Claim> {
        lock(&self.0).values().map(|entry| entry.claim.clone()).collect()
    }

    /// Renews all claims. Those that the queue does not know any more are lost at once.
    pub(super) async fn renew(&self, queue: &dyn WorkQueue) -> Result<(), StoreError> {
        let claims = self.claims();
        if claims.is_empty() {
            return Ok(());
        }
        let (asked, lease) = (Instant::now(), queue.lease());
        // A call that hangs renews nothing. The next one has to come before the leases end.
        let renewed = timeout(lease / 6, queue.renew(&claims)).await;
        let renewed = renewed.unwrap_or_else(|_| Err(late("prolong claims")))?;
        let held = lock(&self.0);
        for (claim, is_held) in claims.iter().zip(renewed) {
            if let Some(entry) = held.get(&id(claim)) {
                entry.until.send_replace(if is_held { asked + lease } else { asked });
            }
        }
        Ok(())
    }
}

impl Hold {
    /// Ends once the claim may be another worker's.
    pub(super) async fn lost(&mut self) {
        loop {
            let until = *self.until.borrow_and_update();
            if until <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(until) => {}
                changed = self.until.changed() => if changed.is_err() { return },
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        lock(&self.held.0).remove(&self.id);
    }
}

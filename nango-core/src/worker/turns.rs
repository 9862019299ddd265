//! Turns: events of one connection one after the other, in this process and, by a lease, in all.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_client::ConnectionKey;
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use crate::engine::Engine;
use crate::store::{Lease, StoreError};
use crate::sync::lock;

/// The connections at which a handler of this worker runs.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashSet<String>>>);

/// The turn of one event. Ends when this is dropped; [`end`](Self::end) also releases its lease.
pub(super) struct Turn {
    turns: Turns,
    name: String,
    engine: Engine,
    holder: String,
    span: Duration,
}

impl Turns {
    /// Takes the turn of a connection, for `span`, if no other event of it is handled.
    pub(super) async fn take(
        &self,
        engine: &Engine,
        key: &ConnectionKey,
        holder: &str,
        span: Duration,
    ) -> Result<Option<Turn>, StoreError> {
        let name = lease_name(key);
        if !lock(&self.0).insert(name.clone()) {
            return Ok(None);
        }
        let turn =
            Turn { turns: self.clone(), name, engine: engine.clone(), holder: holder.to_owned(), span };
        let is_taken = match engine.store.lease() {
            Some(lease) => lease.acquire(&turn.name, holder, span).await?,
            None => true,
        };
        Ok(is_taken.then_some(turn))
    }
}

impl Turn {
    fn lease(&self) -> Option<&dyn Lease> {
        self.engine.store.lease()
    }

    /// Waits for work, and prolongs the turn meanwhile. `None` when it was lost.
    pub(super) async fn keep_during<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let lost = async {
            let Some(lease) = self.lease() else { return std::future::pending().await };
            loop {
                sleep(self.span / 3).await;
                // A store that fails for once: two more tries are left until the lease ends.
                if let Ok(false) = lease.acquire(&self.name, &self.holder, self.span).await {
                    return;
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
            let _ = lease.release(&self.name, &self.holder).await;
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

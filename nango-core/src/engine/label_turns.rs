//! The limit of questions for labels, and one question of each connection at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use nango_client::ConnectionKey;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::sync::lock;

/// The number of questions at a time.
const MAX_AT_A_TIME: usize = 8;

/// The number of connections whose label is asked for, or waits for a turn. Beyond it the row says when
/// to look again.
const MAX_WAITING: usize = 256;

/// The connections whose label this process asks for.
pub(super) struct LabelTurns {
    keys: Arc<Mutex<HashSet<ConnectionKey>>>,
    turns: Arc<Semaphore>,
}

/// The only question about a connection that is in flight. It ends when this is dropped.
pub(super) struct Question {
    keys: Arc<Mutex<HashSet<ConnectionKey>>>,
    key: ConnectionKey,
}

impl LabelTurns {
    pub(super) fn new() -> Self {
        Self { keys: Arc::default(), turns: Arc::new(Semaphore::new(MAX_AT_A_TIME)) }
    }

    /// Begins a question; `None` when one about the connection is in flight.
    pub(super) fn begin(&self, key: &ConnectionKey) -> Option<Question> {
        let is_new = lock(&self.keys).insert(key.clone());
        is_new.then(|| Question { keys: Arc::clone(&self.keys), key: key.clone() })
    }

    pub(super) fn is_overloaded(&self) -> bool {
        lock(&self.keys).len() > MAX_WAITING
    }

    /// Waits for a turn.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so this does not fail.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.keys).remove(&self.key);
    }
}

//! Group commit: writes that arrive during a write share the next transaction, and so one wait for
//! the disk.
//!
//! A change that finds the writer idle is applied at once. Others are queued, and a task applies
//! the whole queue in one transaction. Each change in it is a statement of its own, which sees the
//! effects of those before it, and completes once the transaction has been committed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::writer::{Write, Writer, Written};
use crate::shared::operations::CHUNK;

pub(super) struct WriteQueue {
    pub(super) writer: Writer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queued: Vec<QueuedWrite>,
    /// True while a task drains the queue.
    is_drained: bool,
}

struct QueuedWrite {
    write: Write,
    completion: oneshot::Sender<Written>,
}

impl WriteQueue {
    pub(super) fn new(writer: Writer) -> Arc<Self> {
        Arc::new(Self { writer, state: Mutex::default() })
    }

    /// Writes once, alone or in one transaction with others.
    pub(super) async fn apply(self: &Arc<Self>, write: Write) -> Written {
        if let Some(writer) = self.writer.try_lock() {
            return writer.apply(&write).await.map_err(Arc::new);
        }
        let (completion, completed) = oneshot::channel();
        self.push(QueuedWrite { write, completion });
        match completed.await {
            Ok(written) => written,
            // The runtime of the draining task has ended.
            Err(_) => Err(Arc::new(sqlx::Error::WorkerCrashed)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, change: QueuedWrite) {
        let is_drained = {
            let mut state = self.state();
            state.queued.push(change);
            std::mem::replace(&mut state.is_drained, true)
        };
        if !is_drained {
            // Not in the task of a caller: a caller that is cancelled must not take the changes of
            // others with it. The state is unlocked here, since a runtime that shuts down drops the
            // new task at once, within `spawn`.
            tokio::spawn(Drain { queue: Arc::clone(self), is_done: false }.run());
        }
    }
}

/// The task that applies queued changes until there are none.
struct Drain {
    queue: Arc<WriteQueue>,
    is_done: bool,
}

impl Drain {
    async fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        loop {
            // Locks before it takes the queue: changes that arrive during the wait belong to this
            // transaction.
            let writer = queue.writer.lock().await;
            let Some(queued) = self.take() else { return };
            let written = match writer {
                Ok(writer) => writer.apply_all(queued.iter().map(|queued| &queued.write)).await,
                Err(error) => vec![Err(Arc::new(error)); queued.len()],
            };
            for (queued, written) in queued.into_iter().zip(written) {
                // A caller that was cancelled has dropped its receiver.
                let _ = queued.completion.send(written);
            }
        }
    }

    fn take(&mut self) -> Option<Vec<QueuedWrite>> {
        let mut state = self.queue.state();
        if state.queued.is_empty() {
            state.is_drained = false;
            self.is_done = true;
            return None;
        }
        let chunk = state.queued.len().min(CHUNK);
        Some(state.queued.drain(..chunk).collect())
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        // Its runtime has ended: the next change starts another task, and callers in other runtimes
        // get an error.
        if !self.is_done {
            let abandoned = {
                let mut state = self.queue.state();
                state.is_drained = false;
                std::mem::take(&mut state.queued)
            };
            drop(abandoned);
        }
    }
}

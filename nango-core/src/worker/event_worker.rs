//! The handle of a running worker.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::policy::Policy;
use super::task::Task;
use crate::nango::Nango;
use crate::queue::WorkQueue;

/// A running worker. It goes on when this is dropped; [`stop`](Self::stop) ends it.
///
/// A worker ends by itself only with its runtime. While the queue is unavailable, it asks again with
/// growing pauses, and events stay where they are.
///
#[doc = include_str!("../../docs/events.md")]
#[derive(Debug)]
pub struct EventWorker {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl EventWorker {
    pub(super) fn spawn(nango: Nango, queue: Arc<dyn WorkQueue>, policy: Policy) -> Self {
        let (stopping, stop) = watch::channel(false);
        let task = Task::new(nango, queue, policy, stop);
        Self { stopping, task: tokio::spawn(task.run()) }
    }

    /// Stops the worker: it takes no more events, and ends once those that it holds are handled. What is
    /// not handled within ten seconds is broken off, and left to the next worker.
    pub async fn stop(self) {
        // Fails when the task has ended by itself.
        let _ = self.stopping.send(true);
        // The task has deadlines of its own.
        let _ = self.task.await;
    }
}

//! The configuration of a worker.

use std::sync::Arc;
use std::time::Duration;

use super::event_worker::EventWorker;
use super::policy::Policy;
use crate::backoff::Backoff;
use crate::config::ConfigError;
use crate::nango::Nango;
use crate::queue::WorkQueue;

/// The configuration of an [`EventWorker`].
#[must_use = "a worker does nothing until `.spawn()`"]
pub struct EventWorkerBuilder {
    nango: Nango,
    queue: Arc<dyn WorkQueue>,
    policy: Policy,
}

nango_client::__debug_only!(EventWorkerBuilder { policy });

impl Nango {
    /// Prepares a worker that runs the [handler](crate::NangoBuilder::handler) for the events of a queue:
    /// the one of [`event_queue`](crate::NangoBuilder::event_queue), in this process or in another.
    ///
    /// Any number of processes may have one. An event is handled at least once, and by one worker at a
    /// time, as long as that worker is alive and the queue's clock does not jump: one that is stopped for longer than the queue's
    /// [lease](WorkQueue::lease), as a suspended machine is, may wake up in the middle of an event that
    /// another worker has taken over.
    ///
    /// ```
    /// # use nango_core::{MemoryEventQueue, Nango};
    /// # async fn run(nango: Nango, queue: MemoryEventQueue) -> Result<(), nango_core::ConfigError> {
    /// let worker = nango.event_worker(queue).concurrency(4).one_per_connection().spawn()?;
    /// // At the end of the program:
    /// worker.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn event_worker(&self, queue: impl WorkQueue) -> EventWorkerBuilder {
        EventWorkerBuilder { nango: self.clone(), queue: Arc::new(queue), policy: Policy::default() }
    }
}

impl EventWorkerBuilder {
    /// Sets the number of events that are handled at a time, by this worker. The default is 8.
    pub fn concurrency(mut self, events: usize) -> Self {
        self.policy.concurrency = events.max(1);
        self
    }

    /// Lets no two events of one connection be handled at the same time, by the workers that have this
    /// option: a handler that reads the records of a connection then meets no other one at it.
    ///
    /// Across processes this needs a [`ConnectionStore`](crate::ConnectionStore) with
    /// [leases](crate::ConnectionStore::lease), and costs two of its calls for each event. It is no order:
    /// an event that failed waits while later ones are handled.
    pub fn one_per_connection(mut self) -> Self {
        self.policy.one_per_connection = true;
        self
    }

    /// Sets the time that the handler has for one event; beyond it, the attempt has failed. The default is
    /// a minute.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.policy.time_limit = limit;
        self
    }

    /// Sets the number of failed attempts after which an event becomes a dead letter. The default is 20,
    /// which with the default pauses is after eight hours.
    ///
    /// A worker that ends in the middle of an event is not a failure of it. After five such ends the event
    /// becomes a dead letter all the same: it may be what ends them. Until then it is handled alone, so
    /// that it takes no other event with it.
    pub fn max_failures(mut self, attempts: u32) -> Self {
        self.policy.max_failures = attempts.max(1);
        self
    }

    /// Sets the pauses between the attempts at an event: the first, doubled with each failure up to the
    /// longest, each spread by a quarter to both sides. They are kept in the queue, and survive the
    /// process. The default is from a second to an hour.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.policy.backoff = Backoff::new(first, longest);
        self
    }

    /// Sets the time after which an empty queue is asked again. The default is half a second, the longest an hour. Events that
    /// this process puts into the queue are seen at once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use nango_core::EventWorkerBuilder;
    /// # fn configure(worker: EventWorkerBuilder) -> EventWorkerBuilder {
    /// worker.time_limit(Duration::from_secs(300)).poll_interval(Duration::from_secs(5))
    /// # }
    /// ```
    pub fn poll_interval(mut self, pause: Duration) -> Self {
        // No clock overflows with it.
        self.policy.poll = pause.clamp(Duration::from_millis(1), Duration::from_secs(60 * 60));
        self
    }

    /// Starts the worker, as a task of the current runtime.
    ///
    /// # Errors
    ///
    /// [`ConfigError::MissingHandler`] when the handle has no handler, which would make a dead letter of
    /// every event.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn spawn(self) -> Result<EventWorker, ConfigError> {
        if self.nango.engine().notifier.is_none() {
            return Err(ConfigError::MissingHandler);
        }
        Ok(EventWorker::spawn(self.nango, self.queue, self.policy))
    }
}

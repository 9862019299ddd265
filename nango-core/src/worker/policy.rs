//! How a worker treats events.

use std::time::Duration;

use crate::backoff::Backoff;

#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) concurrency: usize,
    pub(super) one_per_connection: bool,
    pub(super) time_limit: Duration,
    pub(super) max_failures: u32,
    /// The number of workers that may end while they hold an event before it becomes a dead letter.
    pub(super) max_deaths: u32,
    pub(super) backoff: Backoff,
    /// The pause before an empty queue is asked again.
    pub(super) poll: Duration,
}

/// `EventWorkerBuilder` documents these.
impl Default for Policy {
    fn default() -> Self {
        Self {
            concurrency: 8,
            one_per_connection: false,
            time_limit: Duration::from_secs(60),
            max_failures: 20,
            max_deaths: 5,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(60 * 60)),
            poll: Duration::from_millis(500),
        }
    }
}
